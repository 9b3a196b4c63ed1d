//! The stylesheet, the script and the icon: the only files that a page loads.

use std::sync::LazyLock;

use http::header::HeaderValue;
use sha2::{Digest, Sha256};

/// A file, at a path that changes with the version of this crate.
pub(super) struct Asset {
    pub(super) name: &'static str,
    pub(super) content_type: HeaderValue,
    pub(super) text: &'static str,
}

static ASSETS: [Asset; 3] = [
    Asset {
        name: "style.css",
        content_type: HeaderValue::from_static("text/css; charset=utf-8"),
        text: include_str!("../../assets/dashboard.css"),
    },
    Asset {
        name: "script.js",
        content_type: HeaderValue::from_static("text/javascript; charset=utf-8"),
        text: include_str!("../../assets/dashboard.js"),
    },
    Asset {
        name: "icon.svg",
        content_type: HeaderValue::from_static("image/svg+xml"),
        text: include_str!("../../assets/icon.svg"),
    },
];

pub(super) fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Names what the files hold, so that a browser asks for them again when that is another.
pub(super) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let all = ASSETS.iter().fold(Sha256::new(), |all, asset| all.chain_update(asset.text));
        hex::encode(&all.finalize()[..6])
    });
    &VERSION
}
