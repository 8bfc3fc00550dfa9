# Build: docker build -t feedgate .
# Run:   docker run --rm -v "$PWD/feeds:/feeds:ro" feedgate validate /feeds
FROM rust:1.95-slim-bookworm AS build
# The release is pinned, its security fixes are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock askama.toml README.md ./
COPY src src
COPY benches benches
COPY tests tests
COPY schemas schemas
COPY migrations migrations
RUN cargo build --release --locked --bin feedgate

FROM debian:bookworm-slim
# Certificates, for a database reached by TLS. Migrations and formats are part of the program.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /schemas /work && chgrp 0 /schemas /work && chmod 775 /schemas /work
COPY --from=build /build/target/release/feedgate /usr/local/bin/feedgate
# Any user will do; the folders are writable for group 0, as OpenShift has it.
USER 65532:0
WORKDIR /work
ENV FEEDGATE_SCHEMAS=/schemas
ENTRYPOINT ["feedgate"]
CMD ["--help"]
