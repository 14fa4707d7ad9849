//! Records as serde sees them: prices in units of 1e-9, actions and sides as the feed's letters, flags
//! as their byte.

use serde::de::{Deserialize, Deserializer, Error, Unexpected};
use serde::{Serialize, Serializer};

use crate::{Action, Flags, Price, Side};

macro_rules! serialized {
    ($of:ident as $form:ty, $expected:literal, |$it:ident| $to:expr, |$found:ident| $from:expr, $unexpected:expr) => {
        impl Serialize for $of {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $it = *self;
                $to.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $of {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let $found = <$form>::deserialize(deserializer)?;
                $from.ok_or_else(|| D::Error::invalid_value($unexpected($found.into()), &$expected))
            }
        }
    };
}

serialized!(
    Price as i64,
    "a price in units of 1e-9",
    |price| price.nanos(),
    |nanos| Price::from_nanos(nanos),
    Unexpected::Signed
);
serialized!(
    Action as char,
    "one of A, C, M, R, T, F, N",
    |action| action.letter(),
    |letter| u8::try_from(letter).ok().and_then(Action::from_letter),
    Unexpected::Char
);
serialized!(
    Side as char,
    "B or A",
    |side| side.letter(),
    |letter| u8::try_from(letter).ok().and_then(Side::from_letter),
    Unexpected::Char
);
serialized!(
    Flags as u8,
    "a byte",
    |flags| flags.0,
    |byte| Some(Flags(byte)),
    Unexpected::Unsigned
);

#[cfg(test)]
mod tests {
    use crate::{Flags, Record, Side};

    #[test]
    fn a_record_that_is_read_back_is_the_one_that_was_written() {
        let price = "4800.25".parse().unwrap();
        let clear = Record::clear(9);
        let add = Record::add(10, 7, Side::Ask, price, 3).with(Flags::LAST);
        let text = r#"{"ts_event":10,"order_id":7,"price":4800250000000,"size":3,"action":"A","side":"A","flags":128}"#;
        assert_eq!(serde_json::to_string(&add).unwrap(), text);
        for record in [add, clear] {
            let text = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        }
    }

    #[test]
    fn a_letter_that_means_nothing_is_refused() {
        let found = serde_json::from_str::<Side>("\"N\"").unwrap_err();
        assert!(found.to_string().contains("expected B or A"), "{found}");
    }
}
