//! Inputs of the benchmarks, the same at every run: texts from a seeded generator, files that hold them, documents of
//! `fixtures/`, and the model of this checkout.
//!
//! ```
//! use bellwether_benches::generated_text::{Script, TextGenerator};
//!
//! let text = TextGenerator::new(1).text(Script::Latin, 200);
//! assert!((200..300).contains(&text.len()));
//! assert_eq!(text, TextGenerator::new(1).text(Script::Latin, 200));
//! ```

pub mod checkout;
pub mod generated_file;
pub mod generated_text;
pub mod input_digest;
pub mod random;
pub mod resident_memory;
pub mod token_length;
pub mod vocabulary;
