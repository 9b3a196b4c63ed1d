use std::fmt::Display;
use std::mem;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::client::{Connection, requests};
use super::server::{Auth, Framework, PATH, Server};
use super::spread::Spread;
use crate::failure::{Failure, Result};

const CONNECTIONS: usize = 32;
/// A round is a second for each server, in slices that alternate: what disturbs the machine for a
/// moment disturbs all of them.
const SLICE: Duration = Duration::from_millis(100);
const SLICES: u32 = 10;

/// A server, the connections to it, and what it did in each round.
pub(crate) struct Contestant {
    name: &'static str,
    /// How much of this one's throughput keyward must have at least.
    bar: Option<f64>,
    server: Server,
    connections: Vec<Connection>,
    requests: Vec<Vec<u8>>,
    answered: u32,
    rates: Vec<f64>,
}

/// Prints how many requests a second the servers of a framework answer.
pub(crate) fn run(program: &Path, framework: Framework, rounds: u32) -> Result<()> {
    let start = |&auth: &Auth| {
        let server = Server::start(Command::new(program), framework, auth)?;
        let requests = requests(PATH, &server.keys);
        Contestant::new(auth.name(), auth.bar(), server, requests)
    };
    let contestants = framework.contestants().iter().map(start).collect::<Result<Vec<_>>>()?;
    compare(framework, contestants, rounds)
}

/// Prints how many requests a second each server answers, in alternating rounds. The last one is
/// keyward's.
pub(crate) fn compare(
    heading: impl Display,
    mut contestants: Vec<Contestant>,
    rounds: u32,
) -> Result<()> {
    println!(
        "{heading}\n\nRequests per second, {CONNECTIONS} kept-alive connections of one client \
         thread, median (quartiles) of {rounds} rounds of {:?}\n",
        SLICE * SLICES
    );
    for contestant in &mut contestants {
        contestant.slice()?;
        contestant.answered = 0;
    }
    for _ in 0..rounds {
        let mut seconds = vec![0.0; contestants.len()];
        for _ in 0..SLICES {
            for (contestant, seconds) in contestants.iter_mut().zip(&mut seconds) {
                *seconds += contestant.slice()?;
            }
        }
        for (contestant, seconds) in contestants.iter_mut().zip(seconds) {
            let answered = mem::take(&mut contestant.answered);
            contestant.rates.push(f64::from(answered) / seconds);
        }
    }
    for Contestant { name, rates, .. } in &contestants {
        println!("  {name:<34}{:.0}", Spread::of(rates.clone()));
    }
    let Some((keyward, others)) = contestants.split_last() else {
        return Err(Failure::new("there are no servers"));
    };
    let missed = others.iter().filter(|other| !keyward.reaches(other)).count();
    for contestant in contestants {
        contestant.server.stop()?;
    }
    println!();
    if missed == 0 { Ok(()) } else { Err(Failure::new("keyward is slower than it may be")) }
}

impl Contestant {
    pub(crate) fn new(
        name: &'static str,
        bar: Option<f64>,
        server: Server,
        requests: Vec<Vec<u8>>,
    ) -> Result<Self> {
        let open = |_| Connection::open(server.address, &requests[0]);
        let connections = (0..CONNECTIONS).map(open).collect::<Result<_>>()?;
        Ok(Self { name, bar, server, connections, requests, answered: 0, rates: Vec::new() })
    }

    /// Prints how much of the other's throughput this one has, round for round, and says whether
    /// that is enough.
    fn reaches(&self, other: &Self) -> bool {
        let pairs = self.rates.iter().zip(&other.rates);
        let ratio = Spread::of(pairs.map(|(own, other)| own / other).collect());
        let name = format!("keyward / {}", other.name);
        print!("  {name:<34}{ratio:.3}");
        let holds = other.bar.is_none_or(|bar| bar <= ratio.median);
        if let Some(bar) = other.bar {
            print!("  bar {bar:.2} {}", if holds { "holds" } else { "DOES NOT HOLD" });
        }
        println!();
        holds
    }

    /// Keeps every connection busy for a moment; how many seconds it was.
    fn slice(&mut self) -> Result<f64> {
        let started = Instant::now();
        let mut requests = self.requests.iter().cycle();
        while started.elapsed() < SLICE {
            for (connection, request) in self.connections.iter_mut().zip(&mut requests) {
                connection.send(request)?;
            }
            for connection in &mut self.connections {
                connection.receive()?;
                self.answered += 1;
            }
        }
        Ok(started.elapsed().as_secs_f64())
    }
}
