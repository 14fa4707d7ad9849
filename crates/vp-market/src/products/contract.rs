//! The form of symbols. Whether a symbol trades is for the files to say.

use super::ProductError;

/// The parts of a futures contract's symbol, such as `ESH6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract<'a> {
    /// The root, `ES`.
    pub root: &'a str,
    /// The letter of the delivery month, `H` for March.
    pub month_code: char,
    /// The last digit of the year, or the last two.
    pub year: &'a str,
}

impl<'a> Contract<'a> {
    /// The letters of the months, January to December.
    pub const MONTH_CODES: &'static str = "FGHJKMNQUVXZ";

    /// Takes a symbol apart, or returns `None` where it is not of a contract's form.
    pub fn parse(symbol: &'a str) -> Option<Self> {
        let stem = symbol.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let year = &symbol[stem.len()..];
        let month_code = stem.chars().next_back()?;
        let root = stem.strip_suffix(month_code)?;
        let is_root = (1..=8).contains(&root.len())
            && root
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let is_contract =
            is_root && (1..=2).contains(&year.len()) && Self::MONTH_CODES.contains(month_code);
        is_contract.then_some(Self {
            root,
            month_code,
            year,
        })
    }
}

/// Returns a symbol as venues write it, from what was typed: in capitals, without spaces around it.
///
/// # Errors
/// [`ProductError::NoSymbol`] if nothing was typed.
pub fn symbol_as_typed(text: &str) -> Result<String, ProductError> {
    let symbol = text.trim().to_ascii_uppercase();
    if symbol.is_empty() {
        return Err(ProductError::NoSymbol);
    }
    Ok(symbol)
}

/// Returns whether `symbol` has the form of a ticker: a capital letter or digit, then up to 14
/// capital letters, digits, `.`, `_`, `-`, `+`, `=`, `^`, `#` or spaces, the last of them no space.
/// Such a symbol is safe as the name of a folder.
///
/// Feeds mark classes of shares, warrants, units and rights in different ways: `BRK.B`, `BRK B`,
/// `AAC+`, `AAC=`, `ACP^`.
pub fn is_equity_symbol(symbol: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (1..=15).contains(&symbol.len())
        && symbol.bytes().next().is_some_and(is_plain)
        && !symbol.ends_with(' ')
        && symbol
            .bytes()
            .all(|byte| is_plain(byte) || b"._-+=^# ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(symbol: &str, expected: Option<(&str, char, &str)>) {
        let found = Contract::parse(symbol);
        let parts = found.map(|contract| (contract.root, contract.month_code, contract.year));
        assert_eq!(parts, expected, "{symbol}");
    }

    #[test]
    fn contracts_are_taken_apart() {
        check("ESH6", Some(("ES", 'H', "6")));
        check("ESH26", Some(("ES", 'H', "26")));
        check("SILH6", Some(("SIL", 'H', "6")));
        check("6EZ5", Some(("6E", 'Z', "5")));
        check("M2KM6", Some(("M2K", 'M', "6")));
    }

    #[test]
    fn other_symbols_are_no_contracts() {
        for symbol in [
            "",
            "6",
            "ES",
            "H6",
            "ESH",
            "ESH126",
            "ESA6",
            "esh6",
            "ESh6",
            "ESH4-ESM4",
            "ES H6",
            "../ESH6",
            "ÉSH6",
            "ESÉ6",
            "TOOLONGROOTH6",
        ] {
            check(symbol, None);
        }
    }

    #[test]
    fn tickers_are_safe_as_folder_names() {
        for symbol in [
            "QQQ", "A", "BRK.B", "BRK B", "BF-B", "ZVZZT_1", "3M", "AAC+", "AAC=", "ACP^", "A#",
        ] {
            assert!(is_equity_symbol(symbol), "{symbol}");
        }
        for symbol in [
            "",
            "..",
            ".A",
            " A",
            "A ",
            "+A",
            "a",
            "A/B",
            r"A\B",
            "A%B",
            "A*",
            "A:B",
            "A\n",
            "É",
            "ABCDEFGHIJKLMNOP",
        ] {
            assert!(!is_equity_symbol(symbol), "{symbol}");
        }
    }
}
