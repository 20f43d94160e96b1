# syntax=docker/dockerfile:1
# The portal as it is shipped. Its one step is `cargo xtask dist`, the same that runs outside a container.
#
#   docker build --tag gatehouse .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     --volume /etc/gatehouse:/etc/gatehouse:ro --publish 8080:8080 gatehouse
#
# It needs an external PostgreSQL ([database] in gatehouse.toml): the image holds no database and nothing of the twin.
# `/healthz` and `/readyz` are for whoever runs it; an image that probes itself would need a client inside.

FROM node:22.14.0-bookworm-slim AS node

FROM rust:1.95.0-bookworm AS build
# Tailwind is Node's; Debian's own is older than Tailwind takes.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
# Tools and dependencies are built once and kept between builds of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/cache \
    --mount=type=cache,target=/target \
    CARGO_TARGET_DIR=/target XDG_CACHE_HOME=/cache cargo xtask dist /opt/gatehouse

FROM debian:bookworm-slim
# The authorities that outside systems' certificates are checked against.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=0:0 /opt/gatehouse /opt/gatehouse
# Nobody in particular: a number, so that Kubernetes can see that it is not root. The program writes no file.
USER 65532:65532
WORKDIR /opt/gatehouse
EXPOSE 8080
ENTRYPOINT ["/opt/gatehouse/gatehouse"]
CMD ["serve", "--config", "/etc/gatehouse/gatehouse.toml", "--log", "json"]
