//! The normalised text, and that its ranges lead back into the original.

#![no_main]

use bellwether::TextView;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let original = String::from_utf8_lossy(bytes);
    let view = TextView::new(&original);
    let text = view.as_str();
    let mut begin = 0;
    for (at, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
        let range = view.original_range(begin..at);
        assert!(original.get(range.clone()).is_some(), "{begin}..{at} is {range:?}");
        begin = at;
    }
});
