//! A set of small integers with a summary level, so that the next smaller member is found by
//! looking at two words.

/// Members below a fixed bound, which is a multiple of 4,096.
use alloc::boxed::Box;
use alloc::vec;

#[derive(Clone, Debug)]
pub(super) struct BitSet {
    words: Box<[u64]>,
    /// One bit for each word that is not zero.
    summary: Box<[u64]>,
}

impl BitSet {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            words: vec![0; bound / 64].into_boxed_slice(),
            summary: vec![0; bound / 4096].into_boxed_slice(),
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, member: usize) {
        self.words[member / 64] |= 1 << (member % 64);
        self.summary[member / 4096] |= 1 << (member / 64 % 64);
    }

    #[inline]
    pub(super) fn remove(&mut self, member: usize) {
        let word = &mut self.words[member / 64];
        *word &= !(1 << (member % 64));
        if *word == 0 {
            self.summary[member / 4096] &= !(1 << (member / 64 % 64));
        }
    }

    pub(super) fn last(&self) -> Option<usize> {
        self.last_up_to(self.words.len() * 64 - 1)
    }

    /// Returns the largest member that is not above `bound`.
    #[inline]
    pub(super) fn last_up_to(&self, bound: usize) -> Option<usize> {
        let word = bound / 64;
        if let Some(bit) = highest(self.words[word] & up_to(bound % 64)) {
            return Some(word * 64 + bit);
        }
        self.last_before_word(word)
    }

    pub(super) fn iter_down(&self) -> impl Iterator<Item = usize> + '_ {
        let mut bound = Some(self.words.len() * 64 - 1);
        core::iter::from_fn(move || {
            let member = self.last_up_to(bound?)?;
            bound = member.checked_sub(1);
            Some(member)
        })
    }

    #[inline]
    fn last_before_word(&self, word: usize) -> Option<usize> {
        let before = word.checked_sub(1)?;
        let mut block = before / 64;
        let mut candidates = self.summary[block] & up_to(before % 64);
        loop {
            if let Some(bit) = highest(candidates) {
                let word = block * 64 + bit;
                return highest(self.words[word]).map(|bit| word * 64 + bit);
            }
            block = block.checked_sub(1)?;
            candidates = self.summary[block];
        }
    }
}

/// Bits 0 to `bit`, both included.
#[inline]
const fn up_to(bit: usize) -> u64 {
    u64::MAX >> (63 - bit)
}

#[inline]
fn highest(word: u64) -> Option<usize> {
    word.checked_ilog2().map(|bit| bit as usize)
}
