# The staging example. Its context is the repository.
FROM rust:1.95.0-bookworm AS build
WORKDIR /checkedmap
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/checkedmap/target \
    cargo build --release --locked --example staging && cp target/release/examples/staging /usr/local/bin/

FROM debian:12.12-slim
COPY --from=build /usr/local/bin/staging /usr/local/bin/
USER nobody
ENTRYPOINT ["staging"]
