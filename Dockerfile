# The `cakemail` command as a static program, alone in an image. It runs the sandbox unless it is given other arguments:
#
#   docker build -t cakemail .
#   docker run -p 8025:8025 -v cakemail:/data cakemail

FROM docker.io/library/rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends musl-tools
WORKDIR /source
COPY . .
RUN rustup target add "$(uname -m)-unknown-linux-musl"
RUN cargo build --release --locked --package cakemail-cli --target "$(uname -m)-unknown-linux-musl"
RUN mkdir -p /image/data && cp "target/$(uname -m)-unknown-linux-musl/release/cakemail" /image/

FROM scratch
COPY --from=build /image/cakemail /cakemail
COPY --from=build --chown=65532:65532 /image/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=5s CMD ["/cakemail", "sandbox", "--check"]
ENTRYPOINT ["/cakemail"]
CMD ["sandbox", "--listen", "0.0.0.0:8025", "--allow-non-loopback", "--data", "/data/sandbox.json"]
