//! The files of an option chain, read by the official decoder.

use std::collections::BTreeMap;
use std::time::Duration;

use dbn::decode::dbn::Decoder;
use dbn::decode::{DbnMetadata, DecodeRecord};
use dbn::{Cmbp1Msg, HasRType, InstrumentDefMsg, MboMsg, UNDEF_PRICE};
use vp_market::{OccSymbol, TickSize};
use vp_synth::{
    Compression, OptionChain, SynthConfig, write_option_definitions, write_option_orders,
    write_option_quotes,
};

const LENGTH: Duration = Duration::from_secs(30);

fn chain(symbol: &str, step: i64, seed: u64) -> OptionChain {
    let underlying = SynthConfig::preset(symbol)
        .expect("a sound chain, and memory takes it")
        .with_seed(seed);
    let step = TickSize::from_nanos(step).expect("a sound chain, and memory takes it");
    OptionChain::new(underlying, step, 15, 200).expect("a sound chain, and memory takes it")
}

fn futures_options() -> OptionChain {
    chain("ESH6", 5_000_000_000, 3)
}

fn orders(chain: &OptionChain) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_option_orders(&mut bytes, chain, LENGTH, Compression::None)
        .expect("a sound chain, and memory takes it");
    bytes
}

fn quotes(chain: &OptionChain) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_option_quotes(&mut bytes, chain, LENGTH, Compression::None)
        .expect("a sound chain, and memory takes it");
    bytes
}

fn read<T: HasRType<Header = dbn::RecordHeader> + Clone>(bytes: &[u8]) -> Vec<T> {
    let mut decoder = Decoder::new(bytes).expect("a sound chain, and memory takes it");
    let mut messages = Vec::new();
    while let Some(message) = decoder
        .decode_record::<T>()
        .expect("a sound chain, and memory takes it")
    {
        messages.push(message.clone());
    }
    messages
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_others() {
    assert_eq!(orders(&futures_options()), orders(&futures_options()));
    assert_ne!(
        orders(&futures_options()),
        orders(&chain("ESH6", 5_000_000_000, 4))
    );
    let equity = || chain("QQQ", 1_000_000_000, 3);
    assert_eq!(quotes(&equity()), quotes(&equity()));
}

#[test]
fn orders_are_known_before_they_change_and_no_book_is_crossed() {
    let mut orders_by_option: BTreeMap<u32, BTreeMap<u64, (u8, i64, u32)>> = BTreeMap::new();
    let (mut trades, mut last_ns) = (0, 0);
    let messages: Vec<MboMsg> = read(&orders(&futures_options()));
    assert!(messages.len() > 5_000, "{}", messages.len());
    for message in messages {
        let orders = orders_by_option
            .entry(message.hd.instrument_id)
            .or_default();
        let order = (message.side.to_ne_bytes()[0], message.price, message.size);
        assert!(message.ts_recv >= message.hd.ts_event && message.ts_recv >= last_ns);
        last_ns = message.ts_recv;
        match message.action.to_ne_bytes()[0] {
            b'A' => assert_eq!(orders.insert(message.order_id, order), None),
            b'M' => assert!(orders.insert(message.order_id, order).is_some()),
            b'R' => assert!(orders.is_empty()),
            b'T' => trades += 1,
            b'F' => assert!(orders[&message.order_id].2 >= message.size),
            b'C' => {
                let left = orders[&message.order_id].2 - message.size;
                match left {
                    0 => drop(orders.remove(&message.order_id)),
                    left => orders.get_mut(&message.order_id).unwrap().2 = left,
                }
            }
            other => panic!("{}", char::from(other)),
        }
        let prices = |side: u8| orders.values().filter(move |o| o.0 == side).map(|o| o.1);
        let is_crossed = prices(b'B').max() >= prices(b'A').min();
        assert!(prices(b'A').next().is_none() || !is_crossed, "{orders:?}");
    }
    assert_eq!(orders_by_option.len(), 62);
    assert!(trades > 100, "{trades}");
}

#[test]
fn definitions_name_every_option_and_what_is_none() {
    let chain = futures_options();
    let mut bytes = Vec::new();
    let count = write_option_definitions(&mut bytes, &chain, Compression::None).unwrap();
    let messages: Vec<InstrumentDefMsg> = read(&bytes);
    assert_eq!((count, messages.len()), (66, 66));
    let ids: BTreeMap<_, _> = messages.iter().map(|m| (m.hd.instrument_id, m)).collect();
    assert_eq!(ids.len(), 66);
    let orders: Vec<MboMsg> = read(&orders(&chain));
    for order in orders {
        let definition = ids[&order.hd.instrument_id];
        assert_eq!(definition.underlying().unwrap(), "ESH6");
        assert_eq!(definition.expiration, chain.expiration_ns());
        assert_eq!(definition.strike_price % 5_000_000_000, 0);
    }
}

#[test]
fn quotes_have_a_spread_and_symbols_that_say_what_they_are() {
    let bytes = quotes(&chain("QQQ", 1_000_000_000, 3));
    let decoder = Decoder::new(bytes.as_slice()).unwrap();
    for mapping in &decoder.metadata().mappings {
        let option = OccSymbol::parse(&mapping.raw_symbol).unwrap();
        assert_eq!(
            (option.root, option.expiration.to_string()),
            ("QQQ", "2026-02-06".into())
        );
    }
    let mut without_bid = 0;
    let messages: Vec<Cmbp1Msg> = read(&bytes);
    assert!(messages.len() > 3_000);
    for message in messages {
        let level = &message.levels[0];
        if level.bid_px == UNDEF_PRICE {
            without_bid += 1;
            assert_eq!(level.bid_sz, 0);
        } else {
            assert!(0 < level.bid_px && level.bid_px < level.ask_px && level.bid_sz > 0);
        }
    }
    assert!(without_bid > 0);
}
