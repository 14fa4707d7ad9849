//! Records from the feed's own messages.

use dbn::MboMsg;

use crate::{Action, Flags, Price, Record, Side};

impl From<&MboMsg> for Record {
    /// Returns the record that a book takes.
    ///
    /// A snapshot's `ts_event` is the time at which its order was placed, hours or days back, so
    /// `ts_recv`, the time of the snapshot, takes its place. A message that is no order (top of book,
    /// aggregated price level) becomes [`Action::None`], and so does one with an unknown action. The
    /// undefined price of the feed becomes `None`.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "only inlined do unused fields cost nothing"
    )]
    fn from(message: &MboMsg) -> Self {
        let flags = Flags(message.flags.raw());
        let is_order = !flags.intersects(Flags(Flags::TOB.0 | Flags::MBP.0));
        let action = Action::from_letter(message.action.to_ne_bytes()[0]);
        Self {
            ts_event: if flags.contains(Flags::SNAPSHOT) {
                message.ts_recv
            } else {
                message.hd.ts_event
            },
            order_id: message.order_id,
            price: Price::from_nanos(message.price),
            size: message.size,
            action: action.filter(|_| is_order).unwrap_or(Action::None),
            side: Side::from_letter(message.side.to_ne_bytes()[0]),
            flags,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_char;

    use super::*;

    fn letter(byte: u8) -> c_char {
        c_char::from_ne_bytes([byte])
    }

    fn message(action: u8, flags: Flags) -> MboMsg {
        let mut set = dbn::FlagSet::empty();
        set.set_raw(flags.0);
        MboMsg {
            hd: dbn::RecordHeader::new::<MboMsg>(dbn::rtype::MBO, 1, 2, 10),
            order_id: 7,
            price: 4_800_250_000_000,
            size: 3,
            flags: set,
            action: letter(action),
            side: letter(b'A'),
            ts_recv: 20,
            ..MboMsg::default()
        }
    }

    #[test]
    fn an_order_is_taken_field_by_field() {
        let price = "4800.25".parse().unwrap();
        assert_eq!(
            Record::from(&message(b'A', Flags::LAST)),
            Record::add(10, 7, Side::Ask, price, 3).with(Flags::LAST)
        );
    }

    #[test]
    fn a_snapshot_has_the_time_at_which_it_was_made() {
        assert_eq!(Record::from(&message(b'A', Flags::SNAPSHOT)).ts_event, 20);
    }

    #[test]
    fn what_is_no_order_changes_no_book() {
        for (action, flags) in [(b'A', Flags::TOB), (b'M', Flags::MBP), (b'x', Flags::NONE)] {
            assert_eq!(Record::from(&message(action, flags)).action, Action::None);
        }
    }

    #[test]
    fn the_undefined_price_of_the_feed_is_none() {
        let mut message = message(b'R', Flags::NONE);
        message.price = dbn::UNDEF_PRICE;
        message.side = letter(b'N');
        let record = Record::from(&message);
        assert_eq!((record.price, record.side), (None, None));
    }
}
