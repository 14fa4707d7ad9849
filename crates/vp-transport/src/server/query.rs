//! The query of a stream, taken apart strictly: what is not understood is an error.

use std::fmt::{self, Display, Write};
use std::str::FromStr;

use vp_wire::{Error, ErrorCode};

/// The parameters of a query, each to be taken once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl Query {
    /// Parses a query, without its question mark.
    ///
    /// # Errors
    /// `bad_parameter` if a name occurs twice or an escape is invalid.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (unescaped(name)?, unescaped(value)?);
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(bad_parameter(format!(
                    "the parameter {name:?} is given twice"
                )));
            }
            pairs.push((name, value));
        }
        Ok(Self {
            pairs,
            known: Vec::new(),
        })
    }

    /// Takes a parameter out, if it was given.
    pub fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let place = self.pairs.iter().position(|(given, _)| given == name)?;
        Some(self.pairs.swap_remove(place).1)
    }

    /// Takes a parameter out that is `0` or `1`, and 0 where it was not given.
    ///
    /// # Errors
    /// `bad_parameter` for any other value.
    pub fn take_flag(&mut self, name: &'static str) -> Result<bool, Error> {
        match self.take(name).as_deref() {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(found) => Err(bad_parameter(format!(
                "{name} must be 0 or 1, found {found:?}"
            ))),
        }
    }

    /// Takes a parameter out and reads it, if it was given.
    ///
    /// # Errors
    /// `bad_parameter`, which names it, for a text that is no such value.
    pub fn take_parsed<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Error> {
        self.take_read(name, str::parse)
    }

    /// Takes a parameter out and reads it with that function, if it was given.
    ///
    /// # Errors
    /// `bad_parameter`, which names it, for a text that the function refuses.
    pub fn take_read<T, E: Display>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Error> {
        let text = self.take(name);
        let read = |text: String| {
            read(&text).map_err(|error| bad_parameter(format!("{name}={text}: {error}")))
        };
        text.map(read).transpose()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `bad_parameter` if unknown parameters are left.
    pub fn finish(mut self) -> Result<(), Error> {
        self.pairs.sort();
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(bad_parameter(format!("no parameter is called {name:?}"))
                .with_hint(format!("there are: {}", self.known.join(", ")))),
        }
    }
}

/// A query as text, parameter by parameter: what means the same is to read the same.
///
/// # Examples
/// ```
/// use vp_transport::server::QueryText;
///
/// let mut text = QueryText::default();
/// text.put("symbol", "BRK B").put("speed", 10.0);
/// text.put_some("end_time", None::<&str>);
/// assert_eq!(text.to_string(), "symbol=BRK%20B&speed=10");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryText(String);

impl QueryText {
    /// Appends a parameter.
    pub fn put(&mut self, name: &str, value: impl Display) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.to_string().bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~:,".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
        self
    }

    /// Appends a parameter that has a value.
    pub fn put_some(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }
}

impl Display for QueryText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn bad_parameter(message: String) -> Error {
    Error::new(ErrorCode::BadParameter, message)
}

fn unescaped(text: &str) -> Result<String, Error> {
    let refused = || {
        bad_parameter(format!(
            "{text:?} in the query is not percent-encoded UTF-8"
        ))
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = (hex(rest.next()), hex(rest.next()));
                let (Some(high), Some(low)) = digits else {
                    return Err(refused());
                };
                high << 4 | low
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

fn hex(digit: Option<u8>) -> Option<u8> {
    let value = char::from(digit?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_unescaped_and_taken_once() {
        let mut query = Query::parse("start_time=09%3A30&symbol=MNQH6&lossless=1").unwrap();
        assert_eq!(query.take("start_time").as_deref(), Some("09:30"));
        assert_eq!(query.take("start_time"), None);
        assert_eq!(query.take("symbol").as_deref(), Some("MNQH6"));
        assert_eq!(query.take_flag("lossless"), Ok(true));
        assert_eq!(query.take_flag("shared"), Ok(false));
        assert_eq!(query.finish(), Ok(()));
    }

    #[test]
    fn a_written_query_reads_as_what_was_put() {
        let mut text = QueryText::default();
        let values = ["09:30:00", "a,b", "A+B=C&D#E^ %20", "prix élevé", ""];
        let names = ["a", "b", "c", "d", "e"];
        for (name, value) in names.into_iter().zip(values) {
            text.put(name, value);
        }
        let text = text.to_string();
        assert!(text.starts_with("a=09:30:00&b=a,b&c=A%2BB%3DC%26D%23E%5E%20%2520&d="));
        let mut query = Query::parse(&text).unwrap();
        assert_eq!(names.map(|name| query.take(name).unwrap()), values);
        assert_eq!(query.finish(), Ok(()));
    }

    #[test]
    fn what_nobody_asked_for_is_an_error_that_lists_what_there_is() {
        let mut query = Query::parse("speeed=2").unwrap();
        query.take("speed");
        let error = query.finish().unwrap_err();
        assert_eq!(error.message, "no parameter is called \"speeed\"");
        assert_eq!(error.hint.as_deref(), Some("there are: speed"));
    }

    #[test]
    fn repeated_parameters_and_broken_escapes_are_errors() {
        for text in [
            "a=1&a=2",
            "a=1&%61=2",
            "a=%",
            "a=%4",
            "a=%zz",
            "a=%ff",
            "a=%+1",
        ] {
            let error = Query::parse(text).unwrap_err();
            assert_eq!(error.code, ErrorCode::BadParameter, "{text}");
        }
    }
}
