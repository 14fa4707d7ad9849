//! Memory for the metadata of a file stays below a bound, whatever they hold.

#![cfg(test)]

use std::io::Cursor;
use std::path::Path;

use vp_ingest::{DbnReader, SymbolMap};

/// The bound, of which the allocator itself takes a fifth.
const MAX_BYTES: u64 = (256 << 20) * 4 / 5;
/// The longest metadata that are read.
const LONGEST: usize = 24 << 20;
/// Bytes before the lists of symbols, in every version.
const FIXED: usize = 100;

/// A file's head up to the lists: the version, and how many bytes a symbol has.
fn head(version: u8, symbol_bytes: u16) -> Vec<u8> {
    let mut metadata = vec![0; FIXED];
    metadata[..9].copy_from_slice(b"GLBX.MDP3");
    metadata[16..18].fill(0xFF);
    if version == 1 {
        metadata[50] = 1;
    } else {
        metadata[42] = 1;
        metadata[45..47].copy_from_slice(&symbol_bytes.to_le_bytes());
    }
    // The schema definition, which no version has.
    metadata.extend([0; 4]);
    metadata
}

/// The longest symbol, and the zero byte after it.
fn symbol(number: usize, symbol_bytes: u16) -> Vec<u8> {
    let mut text = format!("{number:x>0$}", usize::from(symbol_bytes) - 1).into_bytes();
    text.push(0);
    text
}

/// What the lists of a file hold.
#[derive(Clone, Copy, Debug)]
enum Lists {
    /// As many symbols as possible.
    Symbols,
    /// As many mappings as possible, of that many days each.
    Mappings(u32),
}

/// A file whose metadata are as long as they may be.
fn longest(version: u8, symbol_bytes: u16, lists: Lists) -> Vec<u8> {
    let mut metadata = head(version, symbol_bytes);
    let room = LONGEST - metadata.len() - 16;
    let one = match lists {
        Lists::Symbols => usize::from(symbol_bytes),
        Lists::Mappings(days) => {
            usize::from(symbol_bytes) + 4 + days as usize * (8 + usize::from(symbol_bytes))
        }
    };
    let count = room / one;
    let number = |count: usize| u32::try_from(count).unwrap().to_le_bytes();
    match lists {
        Lists::Symbols => {
            metadata.extend(number(count));
            for index in 0..count {
                metadata.extend(symbol(index, symbol_bytes));
            }
            metadata.extend([0; 12]);
        }
        Lists::Mappings(days) => {
            metadata.extend([0; 12]);
            metadata.extend(number(count));
            let mut id = symbol(0, symbol_bytes);
            for index in 0..count {
                metadata.extend(symbol(index, symbol_bytes));
                metadata.extend(days.to_le_bytes());
                for day in 0..days {
                    metadata.extend(20_231_225u32.to_le_bytes());
                    metadata.extend(20_231_226u32.to_le_bytes());
                    // A number with as many zeros before it as fit.
                    let text = format!("{day:0>0$}", usize::from(symbol_bytes) - 1);
                    id[..text.len()].copy_from_slice(text.as_bytes());
                    metadata.extend(&id);
                }
            }
        }
    }
    let length = number(metadata.len());
    [b"DBN".as_slice(), &[version], &length, &metadata].concat()
}

#[test]
fn the_longest_metadata_of_any_kind_take_less_than_the_bound() {
    for (version, symbol_bytes) in [(1, 22), (3, 71)] {
        for lists in [Lists::Symbols, Lists::Mappings(1), Lists::Mappings(2)] {
            let bytes = longest(version, symbol_bytes, lists);
            let mut input = Some(Cursor::new(bytes));
            let info = allocation_counter::measure(|| {
                let input = Box::new(input.take().unwrap());
                let reader = DbnReader::from_input(Path::new("a.dbn"), input).unwrap();
                let symbols = SymbolMap::new(reader.metadata());
                drop((reader, symbols));
            });
            let used = info.bytes_max;
            println!(
                "version {version}, symbols of {symbol_bytes}, {lists:?}: {} MiB",
                used >> 20
            );
            assert!(
                used < MAX_BYTES,
                "{used} bytes for version {version}, symbols of {symbol_bytes} bytes, {lists:?}"
            );
        }
    }
}
