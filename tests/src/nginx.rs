use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use crate::answer::Client;
use crate::daemon::Daemon;

/// Where Debian has it, which is not on everybody's `PATH`.
const DEBIAN: &str = "/usr/sbin/nginx";

/// An nginx of a test's own, on a free port, with its files in a temporary folder. It ends when this
/// is dropped, or with the test's process.
#[derive(Debug)]
pub struct Nginx(Daemon);

impl Nginx {
    /// Starts it with a part of its configuration, which stands in `http` and listens at `own`. In
    /// the place of addresses stand others.
    pub fn start(http: &str, own: &str, addresses: &[(&str, SocketAddr)]) -> Self {
        let daemon = Daemon::new();
        let folder = daemon.folder().to_str().expect("a path of text").to_owned();
        let mut http = http.replace(own, &format!("127.0.0.1:{}", daemon.port()));
        for (named, address) in addresses {
            assert!(http.contains(named), "the configuration says {named}");
            http = http.replace(named, &address.to_string());
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {folder}/{what};\n"));
        let configuration = format!(
            "daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log stderr;\n\
             events {{}}\nhttp {{\naccess_log off;\n{}{http}}}\n",
            temporary.concat()
        );
        let file = format!("{folder}/nginx.conf");
        fs::write(&file, configuration).expect("a file");
        let program = if Path::new(DEBIAN).exists() { DEBIAN } else { "nginx" };
        let arguments = ["-p", &*folder, "-c", &*file, "-e", "stderr"];
        let port = daemon.port();
        daemon.run(Path::new(program), &arguments, || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self(daemon)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.0.port()))
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(format!("http://{}", self.address()))
    }
}
