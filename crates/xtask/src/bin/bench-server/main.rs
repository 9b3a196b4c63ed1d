//! One route, with keyward's layer, without, and with one written by hand, in axum and in
//! actix-web, for `cargo xtask bench`.
//!
//! All but the bare one do the same job: authenticate 1,000 keys, give the principal to the
//! handler, which asks for one scope. Ends when its standard input does.

mod actix;
mod axum;
mod keys;
mod record;
mod setting;
mod usual;

use std::error::Error;
use std::io::{Read, stdin};
use std::net::{Ipv4Addr, TcpListener};
use std::num::NonZeroU32;
use std::{process, thread};

use clap::{Parser, ValueEnum};
use keyward::dialect::Dialect;
use tokio::runtime::Builder;

use self::setting::Setting;

/// Keys as most services have them: one header, no checksum, one block of SHA-256.
const SERVICE: &str = include_str!("service.toml");
/// What every handler answers.
const ANSWER: &str = r#"{"projects":[]}"#;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Options {
    framework: Framework,
    auth: Auth,
    /// Serves on one thread, not on one for each core.
    #[arg(long)]
    one_thread: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Framework {
    Axum,
    Actix,
}

#[derive(Clone, Copy, ValueEnum)]
enum Auth {
    Bare,
    Usual,
    Hex,
    Expert,
    Layer,
    Service,
    /// Standard keys that have a limit.
    Limited,
    Keyward,
    Bigspin,
}

fn main() -> Result<()> {
    let Options { framework, auth, one_thread } = Options::parse();
    let dialect = match auth {
        Auth::Bigspin => Dialect::bigspin(),
        Auth::Service => Dialect::from_toml(SERVICE)?,
        _ => Dialect::standard(),
    };
    let limit = match auth {
        Auth::Limited => NonZeroU32::new(1_000_000),
        _ => None,
    };
    let keys = keys::make(&dialect, limit)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    for (key, _) in &keys {
        println!("key {}", key.expose());
    }
    println!("listening on http://{}", listener.local_addr()?);
    thread::spawn(|| {
        let _ = stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    let workers = if one_thread { 1 } else { thread::available_parallelism()?.get() };
    let setting = Setting { auth, dialect, keys, listener, workers };
    let mut runtime =
        if one_thread { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    let runtime = runtime.enable_all().build()?;
    match framework {
        Framework::Axum => runtime.block_on(axum::serve(setting)),
        Framework::Actix => runtime.block_on(actix::serve(setting)),
    }
}
