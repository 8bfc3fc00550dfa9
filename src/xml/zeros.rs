//! Zero bytes that end a file: room that somebody made for it before it came, and never filled.
//!
//! ```text
//!  <list><item>a</it\0\0\0\0\0\0\0\0\0\0\0\0\0\0        the transfer stopped: cut off, not a forbidden character
//!                   └ withheld until something else follows; then they are what they are
//! ```
//!
//! Counted, not kept: a file may have any number of them.

/// Zero characters of a decoded stream that are not handed out yet.
#[derive(Debug, Default)]
pub(super) struct Zeros {
    /// So many of them, and what follows is not known.
    undecided: u64,
    /// So many of them are to be handed out, and then these bytes.
    owed: u64,
    behind: Vec<u8>,
}

impl Zeros {
    /// Whether there are some of which is not known what follows them.
    pub(super) fn are_undecided(&self) -> bool {
        self.undecided > 0
    }

    /// Whether there is more to be handed out before anything else.
    pub(super) fn are_owed(&self) -> bool {
        self.owed > 0 || !self.behind.is_empty()
    }

    /// What follows: more of them, or something else, by which they are decided.
    pub(super) fn followed_by(&mut self, mut bytes: Vec<u8>) {
        let more = bytes.iter().position(|&byte| byte != 0);
        self.undecided += more.unwrap_or(bytes.len()) as u64;
        if let Some(more) = more {
            self.settle();
            self.behind = bytes.split_off(more);
        }
    }

    /// Something else follows them.
    pub(super) fn settle(&mut self) {
        self.owed += std::mem::take(&mut self.undecided);
    }

    /// Fills `target` with what is owed, as far as it goes.
    pub(super) fn hand_over(&mut self, target: &mut [u8]) -> usize {
        let zeros = usize::try_from(self.owed).unwrap_or(usize::MAX).min(target.len());
        target[..zeros].fill(0);
        self.owed -= zeros as u64;
        let bytes = self.behind.len().min(target.len() - zeros);
        target[zeros..zeros + bytes].copy_from_slice(&self.behind[..bytes]);
        self.behind.drain(..bytes);
        zeros + bytes
    }

    /// Withholds those at the end of what was filled; how many that are. Where more is owed, it is known what follows.
    pub(super) fn withhold(&mut self, filled: &[u8]) -> usize {
        if self.are_owed() {
            return 0;
        }
        let kept = filled.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        self.undecided = (filled.len() - kept) as u64;
        filled.len() - kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_handed_out_only_before_something_else() {
        let mut zeros = Zeros::default();
        assert_eq!(zeros.withhold(b"ab\0\0"), 2);
        zeros.followed_by(vec![0; 3]);
        assert!(zeros.are_undecided() && !zeros.are_owed());
        zeros.followed_by(b"\0cd\0".to_vec());
        assert!(!zeros.are_undecided() && zeros.are_owed());
        let mut target = [1; 4];
        assert_eq!((zeros.hand_over(&mut target), target), (4, [0; 4]));
        assert_eq!(zeros.withhold(&target), 0);
        assert_eq!((zeros.hand_over(&mut target), target), (4, *b"\0\0cd"));
        assert_eq!(zeros.withhold(&target), 0);
        assert_eq!((zeros.hand_over(&mut target), target[0]), (1, 0));
        assert_eq!(zeros.withhold(&target[..1]), 1);
        assert!(zeros.are_undecided());
    }
}
