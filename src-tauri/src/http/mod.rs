//! The HTTP door: the JSON API, one file per resource. Handlers extract, call the meter, map, answer.
//!
//! One router serves everyone: [`network`] wraps it in the guard, [`owner`] hands it to the window, in the process and with
//! the owner's rights. Deliberately not here: decisions.

mod alerts;
mod app;
mod backtest;
mod body;
mod breakdown;
mod budgets;
mod caller;
mod chart;
mod check;
mod cost;
mod currency;
mod data;
mod days;
mod entries;
mod events;
mod export;
mod export_file;
mod failed;
pub(crate) mod fields;
mod filter;
mod guard;
mod keys;
mod meta;
mod metrics;
mod notifications;
mod owner;
mod pages;
mod price_feed;
mod prices;
mod problem;
mod provider_keys;
mod query;
mod questions;
mod record;
mod record_batch;
mod settings;
mod spell;
mod stamp;
mod status;
mod summary;
mod usage;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use app::{App, Silence, Surroundings};
pub use caller::KEY;
pub use failed::router as failed;
pub use owner::Owner;
pub use problem::{Problem, SHOULD_RETRY, innermost};
pub use record::SOURCE;
pub use status::not_listening_because;

/// Every route, and its description.
fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(meta::description())
        .routes(routes!(check::check))
        .routes(routes!(record::record))
        .routes(routes!(record::release))
        .routes(routes!(record_batch::record_batch))
        .routes(routes!(status::status))
        .routes(routes!(budgets::list, budgets::add))
        .routes(routes!(budgets::get, budgets::replace, budgets::remove))
        .routes(routes!(backtest::backtest))
        .routes(routes!(keys::list, keys::issue))
        .routes(routes!(keys::get, keys::revoke))
        .routes(routes!(provider_keys::list))
        .routes(routes!(provider_keys::put, provider_keys::remove))
        .routes(routes!(usage::usage))
        .routes(routes!(breakdown::breakdown))
        .routes(routes!(summary::summary))
        .routes(routes!(entries::list))
        .routes(routes!(entries::get))
        .routes(routes!(cost::get))
        .routes(routes!(days::days))
        .routes(routes!(export::export))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::acknowledge))
        .routes(routes!(alerts::dismiss))
        .routes(routes!(alerts::snooze))
        .routes(routes!(questions::list))
        .routes(routes!(questions::answer))
        .routes(routes!(settings::get, settings::change))
        .routes(routes!(data::get))
        .routes(routes!(data::retention, data::take_out))
        .routes(routes!(data::back_up))
        .routes(routes!(export_file::begin, export_file::progress, export_file::cancel))
        .routes(routes!(data::check))
        .routes(routes!(data::restore, data::do_not_restore))
        .routes(routes!(notifications::test))
        .routes(routes!(settings::pause))
        .routes(routes!(settings::resume))
        .routes(routes!(prices::get))
        .routes(routes!(prices::set_override, prices::remove_override))
        .routes(routes!(prices::of_model))
        .routes(routes!(price_feed::preview))
        .routes(routes!(price_feed::refresh))
        .routes(routes!(chart::svg))
        .routes(routes!(chart::png))
        .routes(routes!(chart::json))
        .routes(routes!(events::events))
        .routes(routes!(status::show))
        .routes(routes!(status::listen))
        .routes(routes!(meta::healthz))
        .routes(routes!(metrics::metrics))
}

/// The API and the pages, without rights and without a guard.
pub fn router(app: &Arc<App>) -> Router {
    let (router, description) = api().split_for_parts();
    let description = Arc::new(description);
    router
        .route("/openapi.json", axum::routing::get(move || meta::openapi(Arc::clone(&description))))
        .fallback(pages::page)
        .method_not_allowed_fallback(meta::wrong_method)
        .with_state(Arc::clone(app))
}

/// The window's door: every request is the owner's.
pub fn owner(app: &Arc<App>) -> Router {
    router(app).layer(axum::Extension(Owner))
}

/// What stands at the network's `address`, with the guard before it.
pub fn guarded<S>(app: &App, address: SocketAddr, door: S) -> guard::Guard<S> {
    guard::Guard::new(door, address, app.owner_token.clone())
}

/// The API's description in the form of OpenAPI, as JSON.
pub fn openapi_json() -> String {
    api().into_openapi().to_json().unwrap_or_default()
}

pub use events::spawn as spawn_events;
