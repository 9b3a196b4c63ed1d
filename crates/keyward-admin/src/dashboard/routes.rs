use axum::Router;

use super::Dashboard;

impl Dashboard {
    /// Its path and everything below it, for [`Router::merge`].
    pub fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let path = self.path();
        let below = [path.to_owned(), format!("{path}/"), format!("{path}/{{*below}}")];
        below.iter().fold(Router::new(), |routes, path| routes.route_service(path, self.clone()))
    }
}
