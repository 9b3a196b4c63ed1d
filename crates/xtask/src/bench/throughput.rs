use std::mem;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::client::{Connection, requests};
use super::server::{Auth, Framework, Server};
use super::spread::Spread;
use crate::failure::{Failure, Result};

const CONNECTIONS: usize = 32;
/// A round is a second for each server, in slices that alternate: what disturbs the machine for a
/// moment disturbs all of them.
const SLICE: Duration = Duration::from_millis(100);
const SLICES: u32 = 10;

/// A server, the connections to it, and what it did in each round.
struct Contestant {
    server: Server,
    connections: Vec<Connection>,
    requests: Vec<Vec<u8>>,
    answered: u32,
    rates: Vec<f64>,
}

/// Prints how many requests a second each server answers, in alternating rounds.
pub(crate) fn run(program: &Path, framework: Framework, rounds: u32) -> Result<()> {
    println!(
        "{framework}\n\nRequests per second, {CONNECTIONS} kept-alive connections of one client \
         thread, median (quartiles) of {rounds} rounds of {:?}\n",
        SLICE * SLICES
    );
    let start = |&auth| Contestant::start(program, framework, auth);
    let auths = framework.contestants();
    let mut contestants = auths.iter().map(start).collect::<Result<Vec<_>>>()?;
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
    let rates: Vec<Vec<f64>> = contestants
        .into_iter()
        .map(|contestant| contestant.server.stop().map(|()| contestant.rates))
        .collect::<Result<_>>()?;
    for (auth, rates) in auths.iter().zip(&rates) {
        println!("  {:<34}{:.0}", auth.name(), Spread::of(rates.clone()));
    }
    let Some((keyward, others)) = rates.split_last() else {
        return Err(Failure::new("there are no servers"));
    };
    let compare = |(auth, other): (&Auth, &Vec<f64>)| {
        let pairs = keyward.iter().zip(other);
        let ratio = Spread::of(pairs.map(|(keyward, other)| keyward / other).collect());
        let name = format!("keyward / {}", auth.name());
        print!("  {name:<34}{ratio:.3}");
        let bar = auth.bar();
        let holds = bar.is_none_or(|bar| bar <= ratio.median);
        if let Some(bar) = bar {
            print!("  bar {bar:.2} {}", if holds { "holds" } else { "DOES NOT HOLD" });
        }
        println!();
        holds
    };
    let missed = auths.iter().zip(others).map(compare).filter(|holds| !holds).count();
    println!();
    if missed == 0 { Ok(()) } else { Err(Failure::new("keyward is slower than it may be")) }
}

impl Contestant {
    fn start(program: &Path, framework: Framework, auth: Auth) -> Result<Self> {
        let server = Server::start(Command::new(program), framework, auth)?;
        let requests = requests(&server.keys);
        let open = |_| Connection::open(server.address, &requests[0]);
        let connections = (0..CONNECTIONS).map(open).collect::<Result<_>>()?;
        Ok(Self { server, connections, requests, answered: 0, rates: Vec::new() })
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
