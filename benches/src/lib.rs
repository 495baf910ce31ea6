//! Benchmarks live in `benches/`; this library is empty so that the folder is a package of its own.
