//! One axum route, with a layer, without, and with one written by hand, for `cargo xtask bench`.
//!
//! All but the bare one do the same job: authenticate 1,000 keys, give the principal to the
//! handler, which asks for one scope. Ends when its standard input does.

mod expert;
mod keys;
mod usual;
mod with_keyward;

use std::error::Error;
use std::io::{Read, stdin};
use std::net::Ipv4Addr;
use std::{process, thread};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use clap::{Parser, ValueEnum};
use keyward::dialect::Dialect;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Keys as most services have them: one header, no checksum, one block of SHA-256.
const SERVICE: &str = include_str!("service.toml");

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Options {
    auth: Auth,
    /// Serves on one thread, not on one for each core.
    #[arg(long)]
    one_thread: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Auth {
    Bare,
    Usual,
    Hex,
    Expert,
    Layer,
    Service,
    Keyward,
    Bigspin,
}

fn main() -> Result<()> {
    let Options { auth, one_thread } = Options::parse();
    let mut runtime =
        if one_thread { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    runtime.enable_all().build()?.block_on(serve(auth))
}

async fn serve(auth: Auth) -> Result<()> {
    let dialect = match auth {
        Auth::Bigspin => Dialect::bigspin(),
        Auth::Service => Dialect::from_toml(SERVICE)?,
        _ => Dialect::standard(),
    };
    let keys = keys::make(&dialect)?;
    let app = match auth {
        Auth::Bare => Router::new().route("/projects", get(async || answer())),
        Auth::Usual => usual::app(&keys, usual::format_each_byte),
        Auth::Hex => usual::app(&keys, |digest| hex::encode(digest)),
        Auth::Expert => expert::app(&keys),
        Auth::Layer | Auth::Service => with_keyward::layer(dialect, &keys).await?,
        Auth::Keyward | Auth::Bigspin => with_keyward::app(dialect, &keys).await?,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    for (key, _) in &keys {
        println!("key {}", key.expose());
    }
    println!("listening on http://{}", listener.local_addr()?);
    thread::spawn(|| {
        let _ = stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    Ok(axum::serve(listener, app).await?)
}

/// What every handler answers.
fn answer() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], r#"{"projects":[]}"#)
}
