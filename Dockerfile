# Riftwatch's one image: every role is a command of it. No compiler, no package manager's cache, no root.
FROM python:3.12-slim AS build
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.12-slim
COPY --from=build /venv /venv
WORKDIR /app
COPY riftwatch riftwatch
COPY stores stores
COPY ingest ingest
COPY processors processors
COPY sinks sinks
COPY desk desk
COPY commands commands
COPY deploy deploy
COPY models models
COPY config config
RUN printf '#!/bin/sh\nexec python -m commands.main "$@"\n' > /usr/local/bin/riftwatch \
    && chmod 755 /usr/local/bin/riftwatch \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin riftwatch \
    && install -d -o riftwatch /data
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    RIFTWATCH_DATA=/data RIFTWATCH_LOG_FORMAT=json
USER 10001
VOLUME /data
ENTRYPOINT ["riftwatch"]
CMD ["--help"]
