# syntax=docker/dockerfile:1
# Build: docker build -t feedgate .
# Run:   docker run --rm --read-only -v "$PWD/samples:/feeds:ro" feedgate validate /feeds/catalogue/good.xml
#
# The result has no shell and no package manager: deploy/container/rootfs.sh says all that is in it. It runs as any user
# and with a read-only root file system; /work (a SQLite file, reports) and /tmp (large diffs, packed feeds) are to be
# mounted where they are needed. 35 MB, of which the program is 31 MB.
ARG REGISTRY=docker.io/library

FROM ${REGISTRY}/rust:1.95-slim-bookworm AS build
# The release is pinned, its security fixes are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The dependencies alone: this layer is kept until one of these files changes.
COPY Cargo.toml Cargo.lock ./
COPY deploy/container/stubs.sh /usr/local/bin/stubs.sh
RUN sh /usr/local/bin/stubs.sh . && cargo build --release --locked --bin feedgate
COPY askama.toml build.rs ./
COPY schemas schemas
COPY migrations migrations
COPY src src
# The commit that `feedgate --version` tells.
ARG REVISION=unknown
ENV FEEDGATE_COMMIT=${REVISION}
# Newer than what was built from the stubs, or cargo takes that for the program.
RUN find src -name '*.rs' -exec touch {} + && cargo build --release --locked --bin feedgate

# The root file system of the image, and the list of all that is in it.
FROM ${REGISTRY}/debian:bookworm-slim AS assemble
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends binutils ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/container/rootfs.sh deploy/container/sbom.py Cargo.toml Cargo.lock /assemble/
COPY --from=build /build/target/release/feedgate /assemble/feedgate
WORKDIR /assemble
RUN sh rootfs.sh feedgate /rootfs \
    && mkdir -p /rootfs/usr/share/sbom \
    && python3 sbom.py Cargo.toml Cargo.lock /rootfs > /rootfs/usr/share/sbom/feedgate.cdx.json

# `docker build --target sbom --output type=local,dest=. .` writes the list alone.
FROM scratch AS sbom
COPY --from=assemble /rootfs/usr/share/sbom/feedgate.cdx.json /

# For pipelines over feeds: GitLab's runner wants a shell in the image, and to compare with another branch takes git.
# `docker build --target ci -t feedgate:ci .`
FROM ${REGISTRY}/debian:bookworm-slim AS ci
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=assemble /rootfs/usr/local/bin/feedgate /usr/local/bin/feedgate
COPY --from=assemble /rootfs/usr/share/sbom /usr/share/sbom
USER 65532:0
WORKDIR /work

FROM scratch
# Which build it is; the pipeline says it: --build-arg VERSION=... --build-arg REVISION=... --build-arg CREATED=...
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=https://git.example/shop/feedgate
LABEL org.opencontainers.image.title="feedgate" \
      org.opencontainers.image.description="The gate between product XML feeds and a shop's database" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="scratch"
COPY --from=assemble /rootfs /
# HOME is where a user without an entry in /etc/passwd, as OpenShift makes them up, finds and leaves its settings.
ENV PATH=/usr/local/bin HOME=/work FEEDGATE_SCHEMAS=/schemas
USER 65532:0
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/feedgate"]
CMD ["--help"]
