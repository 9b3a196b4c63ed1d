use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use clap::ValueEnum;

use crate::failure::{Failure, Result};
use crate::lint::metadata;
use crate::steps::cargo;

/// The route.
pub(crate) const PATH: &str = "/projects";

/// What serves the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

impl Framework {
    /// Those whose throughput is compared. The last is keyward's.
    pub(crate) fn contestants(self) -> &'static [Auth] {
        match self {
            Self::Axum => &[Auth::Bare, Auth::Usual, Auth::Hex, Auth::Expert, Auth::Keyward],
            Self::Actix => &[Auth::Bare, Auth::Usual, Auth::Hex, Auth::Keyward],
        }
    }

    fn argument(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix",
        }
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Axum => "axum",
            Self::Actix => "actix-web, by hand with actix-web-httpauth",
        })
    }
}

/// Ways to guard a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    Bare,
    Usual,
    Hex,
    Expert,
    Layer,
    Service,
    Limited,
    Keyward,
    Bigspin,
}

impl Auth {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "no authentication",
            Self::Usual => "by hand, the usual way",
            Self::Hex => "the same with hex::encode",
            Self::Expert => "by hand, by an expert",
            Self::Layer => "keyward's layer, standard keys",
            Self::Service => "keyward's layer, plain keys",
            Self::Limited => "keyward's layer, limited keys",
            Self::Keyward => "keyward, with a scope asked for",
            Self::Bigspin => "keyward with a scope, Bigspin's keys",
        }
    }

    pub(crate) fn is_by_hand(self) -> bool {
        matches!(self, Self::Usual | Self::Hex | Self::Expert)
    }

    /// How much of this one's throughput keyward must have at least.
    pub(crate) fn bar(self) -> Option<f64> {
        match self {
            Self::Bare => Some(0.95),
            Self::Usual => Some(1.2),
            _ => None,
        }
    }

    fn argument(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Usual => "usual",
            Self::Hex => "hex",
            Self::Expert => "expert",
            Self::Layer => "layer",
            Self::Service => "service",
            Self::Limited => "limited",
            Self::Keyward => "keyward",
            Self::Bigspin => "bigspin",
        }
    }
}

/// A server that runs, in a process of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) keys: Vec<String>,
}

/// Builds the servers, optimised and with the names of functions.
pub(crate) fn build() -> Result<PathBuf> {
    let build = ["build", "--profile", "bench", "--package", "xtask", "--features", "server"];
    if !cargo(build).args(["--bin", "bench-server"]).status()?.success() {
        return Err(Failure::new("the servers do not build"));
    }
    let metadata = metadata()?;
    let target = metadata["target_directory"].as_str().unwrap_or("target");
    Ok(Path::new(target).join("release").join("bench-server"))
}

impl Server {
    /// Starts what the command says, which is the program or runs it.
    pub(crate) fn start(mut command: Command, framework: Framework, auth: Auth) -> Result<Self> {
        command.args([framework.argument(), auth.argument()]);
        Self::run(command)
    }

    /// Starts a program that prints keys, and then where it listens.
    pub(crate) fn run(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let silent = || Failure::new("the server ended before it said where it listens");
        let stdout = child.stdout.take().ok_or_else(silent)?;
        let mut keys = Vec::new();
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if let Some(key) = line.strip_prefix("key ") {
                keys.push(key.to_owned());
            } else if let Some(address) = line.strip_prefix("listening on http://") {
                let address = address.parse()?;
                return Ok(Self { child, address, keys });
            }
        }
        Err(silent())
    }

    /// Ends it, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("a server: {status}"))) }
    }
}
