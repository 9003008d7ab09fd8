# syntax=docker/dockerfile:1
# Installs from the lock file, builds the knowledge base, runs as nobody on a read-only file system:
#   docker run --read-only --tmpfs /tmp -v genomeward:/var/lib/genomeward -e GENOMEWARD_TOKENS=... -p 8080:8080 genomeward
FROM python:3.12-slim AS build
WORKDIR /build
RUN python -m venv /opt/genomeward
COPY requirements.lock ./
RUN /opt/genomeward/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY knowledgebase knowledgebase
# The compiled knowledge base travels inside the installed package.
RUN PYTHONPATH=/build /opt/genomeward/bin/python -m service.cli kb build \
 && /opt/genomeward/bin/python -m pip install --no-cache-dir --no-deps . \
 && /opt/genomeward/bin/genomeward kb status

FROM python:3.12-slim
COPY --from=build /opt/genomeward /opt/genomeward
RUN useradd --system --uid 10001 --home-dir /var/lib/genomeward --create-home genomeward
USER 10001:10001
ENV PATH=/opt/genomeward/bin:$PATH GENOMEWARD_STATE=/var/lib/genomeward PYTHONDONTWRITEBYTECODE=1
VOLUME /var/lib/genomeward
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=3)"]
ENTRYPOINT ["genomeward"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
