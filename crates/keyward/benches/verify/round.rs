use sha2::{Digest, Sha256};

use crate::fixture::SCHEME;

/// How often a round does each thing.
const OPERATIONS: usize = 5_000;

/// In which order keys come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    Uniform,
    /// The key of rank r with a likelihood of 1 / r.
    Zipf,
}

/// Draws keys.
pub(crate) struct Draw {
    /// How likely a key is that is not behind this one.
    cumulated: Vec<f64>,
    random: fastrand::Rng,
}

impl Draw {
    pub(crate) fn new(keys: u32, order: Order) -> Self {
        let weight = |rank: u32| match order {
            Order::Uniform => 1.0,
            Order::Zipf => 1.0 / f64::from(rank),
        };
        let mut sum = 0.0;
        let cumulated = (1..=keys).map(|rank| (sum += weight(rank), sum).1).collect();
        Self { cumulated, random: fastrand::Rng::with_seed(7) }
    }

    fn key(&mut self) -> usize {
        let drawn = self.random.f64() * self.cumulated.last().unwrap_or(&0.0);
        self.cumulated.partition_point(|before| *before <= drawn).min(self.cumulated.len() - 1)
    }
}

/// What a round works on, copied out in the order of use: a server has the head that it looks at
/// in its processor's cache, so reading it costs neither side a miss.
pub(crate) struct Round<'a> {
    pub(crate) heads: Vec<Vec<u8>>,
    pub(crate) digests: Vec<[u8; 32]>,
    /// Keys but for the last character of their checksum, the worst case.
    pub(crate) malformed: Vec<Vec<u8>>,
    pub(crate) foreign: Vec<Vec<u8>>,
    pub(crate) unknown: &'a [Vec<u8>],
}

impl<'a> Round<'a> {
    pub(crate) fn new(keys: &[Vec<u8>], unknown: &'a [Vec<u8>], draw: &mut Draw) -> Self {
        let heads: Vec<Vec<u8>> = (0..OPERATIONS).map(|_| keys[draw.key()].clone()).collect();
        let digest = |head: &Vec<u8>| Sha256::digest(&head[SCHEME.len()..]).into();
        let malformed = |head: &Vec<u8>| {
            let last = if head.ends_with(b"0") { b"1" } else { b"0" };
            [&head[..head.len() - 1], last].concat()
        };
        let jwt = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJl";
        Self {
            digests: heads.iter().map(digest).collect(),
            malformed: heads.iter().map(malformed).collect(),
            foreign: vec![format!("{SCHEME}{jwt}").into(); OPERATIONS],
            unknown,
            heads,
        }
    }
}
