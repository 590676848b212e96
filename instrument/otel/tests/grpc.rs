//! Delivery over gRPC, from a program that has no runtime.

mod common;

use std::sync::{Arc, Mutex};

use checkedmap::{CheckedMap, Config, Mode};
use common::{PATIENCE, collide};
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tonic::{Request, Response, Status};

/// Names of spans and metrics, and texts of severities, as they come in.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<String>>>);

impl Receiver {
    fn keep(&self, names: impl Iterator<Item = String>) {
        self.0.lock().unwrap().extend(names);
    }
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request.into_inner().resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        self.keep(scopes.flat_map(|scope| scope.spans).map(|span| span.name));
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let scopes = request.into_inner().resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
        self.keep(scopes.flat_map(|scope| scope.log_records).map(|record| record.severity_text));
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let scopes = request.into_inner().resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        self.keep(scopes.flat_map(|scope| scope.metrics).map(|metric| metric.name));
        Ok(Response::new(Default::default()))
    }
}

#[test]
fn all_three_signals_arrive() {
    Config::new().with_report([]).apply();
    let receiver = Receiver::default();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    drop(port);
    let serving = receiver.clone();
    std::thread::spawn(move || {
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(serving.clone()))
            .add_service(LogsServiceServer::new(serving.clone()))
            .add_service(MetricsServiceServer::new(serving))
            .serve(address);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(server).unwrap();
    });
    let telemetry = checkedmap_otel::builder()
        .with_otlp_grpc(format!("http://{address}"), PATIENCE)
        .with_bound(PATIENCE)
        .install()
        .unwrap();
    collide(&CheckedMap::builder().name("remote").mode(Mode::Log).build());
    common::until("the report", || telemetry.flush());
    // Where a program has a runtime, the guard may end inside it.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let accounts = runtime.block_on(async { telemetry.finish() });
    assert_eq!((accounts.sent, accounts.pending, accounts.dropped), (1, 0, 0), "{accounts}");
    let received = receiver.0.lock().unwrap();
    for name in ["checkedmap.conflict", "checkedmap.read", "checkedmap.insert", "ERROR", "checkedmap.conflicts"] {
        assert!(received.iter().any(|received| received == name), "{name}: {received:?}");
    }
}
