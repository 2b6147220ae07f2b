# The application as a container; its database is another one (docker-compose.yml). The steps are those of `make demo`:
# .ci/setup makes the environment and the web build, here and there.
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/gridgov
COPY . .
RUN python3 .ci/setup image

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/gridgov --create-home --shell /usr/sbin/nologin gridgov
# The same place as above: programs of a virtual environment know where it lies.
COPY --from=build /srv/gridgov /srv/gridgov
# The faces of sheets for the morning meeting (docs/reports.md).
COPY --from=build /usr/share/fonts /usr/share/fonts
WORKDIR /srv/gridgov
USER gridgov
ENV PATH=/srv/gridgov/.venv/bin:$PATH \
    GRIDGOV_HOME=/var/lib/gridgov \
    GRIDGOV_HOST=0.0.0.0 \
    GRIDGOV_PORT=8000
VOLUME /var/lib/gridgov
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
STOPSIGNAL SIGINT
CMD ["gridgov", "serve"]
