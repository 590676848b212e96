//! The service: three handlers, and a layer which turns a handler's panic into a 500, one which traces requests.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{counters, requests, sessions};

/// A running service on the loopback interface.
pub(crate) struct Service {
    runtime: Runtime,
    address: SocketAddr,
}

impl Service {
    /// Starts it on a port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// A sentence which says what could not be had.
    pub(crate) fn start(port: u16) -> Result<Self, String> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("service")
            .enable_all()
            .build()
            .map_err(|error| format!("the service's threads cannot start: {error}"))?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .map_err(|error| format!("--port {port} on 127.0.0.1 cannot be had ({error}); 0 takes any free one"))?;
        let address = listener.local_addr().map_err(|error| format!("the listener has no address: {error}"))?;
        runtime.spawn(async move { axum::serve(listener, router()).await });
        Ok(Self { runtime, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn stop(self) {
        self.runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

fn router() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/session/{id}", get(session))
        .route("/healthz", get(healthz))
        .layer(CatchPanicLayer::custom(failed))
        .layer(requests::traced())
}

/// The body of `POST /login`.
#[derive(Deserialize)]
struct Credentials {
    user: String,
}

/// The answer to `POST /login`.
#[derive(Serialize)]
struct Opened {
    id: u64,
}

/// The answer to `GET /session/{id}`.
#[derive(Serialize)]
struct View {
    user: String,
    tenant: u64,
    expires_in_ms: u128,
}

// The guards of both the lock and the map live inside `sessions::open` and `sessions::look`: none is held across an await.

async fn login(Json(credentials): Json<Credentials>) -> (StatusCode, Json<Opened>) {
    let id = counters::counted("logins", || sessions::open(credentials.user));
    (StatusCode::CREATED, Json(Opened { id }))
}

async fn session(Path(id): Path<u64>) -> Result<Json<View>, StatusCode> {
    let view = sessions::look(id, |session| View {
        user: session.user.clone(),
        tenant: session.tenant,
        expires_in_ms: session.expires.saturating_duration_since(Instant::now()).as_millis(),
    });
    view.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn healthz() -> &'static str {
    "alive"
}

/// The panic has been printed by the hook; the client learns no more than that it was not its fault.
fn failed(_panic: Box<dyn Any + Send + 'static>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
