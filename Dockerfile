# The monitor in a container. Build: docker build -t release-monitor .
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/release-monitor \
    && /opt/release-monitor/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY monitor/ monitor/
COPY migrations/ migrations/
COPY config/ config/
RUN /opt/release-monitor/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-log-init --home-dir /data --shell /usr/sbin/nologin monitor \
    && install --directory --owner=monitor --mode=0750 /data /config
COPY --from=build /opt/release-monitor /opt/release-monitor
# /config holds the two files (the starter is copied there if it is empty), /data the database if it is SQLite.
ENV PATH=/opt/release-monitor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    MONITOR_CONFIG=/config \
    XDG_DATA_HOME=/data
USER 10001
WORKDIR /data
VOLUME ["/config", "/data"]
STOPSIGNAL SIGTERM
# Cheap and without network: the database answers and has the tables that this version needs.
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["release-monitor", "db", "check"]
ENTRYPOINT ["release-monitor"]
CMD ["run"]
