use std::time::Instant;

use http::Request;
use http_body_util::{BodyExt, Empty};
use keyward::admin::{Admin, Dashboard};
use keyward::key::Creator;
use keyward::manage::KeyManager;
use tower::ServiceExt;

use super::spread::Spread;
use super::{ROUNDS, Result, millis};

/// Most milliseconds for the page that people see first.
const BAR: f64 = 100.0;

/// The pages of the dashboard, from the head of a request to the last byte.
pub(super) async fn pages(manager: &KeyManager) -> Result<bool> {
    let dashboard =
        Dashboard::behind(manager.clone(), |_| Some(Admin::new(Creator::Person("ada".to_owned()))));
    println!();
    let mut holds = true;
    for (what, query, rounds, bar) in [
        ("first page of the dashboard", "", ROUNDS, Some(BAR)),
        ("the oldest first", "?sort=oldest", ROUNDS, Some(BAR)),
        ("only revoked keys", "?status=revoked", ROUNDS, Some(BAR)),
        ("a name that many have", "?name=integration", ROUNDS, Some(BAR)),
        ("a name that one has, the oldest", "?name=integration%20%20%20%20%20%20%20%200", 11, None),
        ("a name that nobody has", "?name=nobody", 11, None),
    ] {
        let mut times = Vec::new();
        for _ in 0..rounds {
            times.push(time_of(&dashboard, query).await?);
        }
        let spread = Spread::of(times);
        let verdict = match bar {
            Some(bar) if spread.median > bar => {
                holds = false;
                format!("  bar {bar} DOES NOT HOLD")
            }
            Some(bar) => format!("  bar {bar} holds"),
            None => String::new(),
        };
        println!("  {what:<36}{spread:.3}{verdict}");
    }
    Ok(holds)
}

async fn time_of(dashboard: &Dashboard, query: &str) -> Result<f64> {
    let request = Request::get(format!("/dashboard{query}")).body(Empty::<&[u8]>::new())?;
    let started = Instant::now();
    let response = dashboard.clone().oneshot(request).await?;
    let page = response.into_body().collect().await?.to_bytes();
    let taken = millis(started);
    if page.ends_with(b"</html>") { Ok(taken) } else { Err("this is no page".into()) }
}
