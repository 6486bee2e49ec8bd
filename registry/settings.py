"""All settings, from environment variables named REGISTRY_…; nothing else reads the environment."""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BeforeValidator, DirectoryPath, Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from registry.domain.numbers.grammar import Grammar

Network: TypeAlias = IPv4Network | IPv6Network
Count: TypeAlias = Annotated[int, Field(ge=1, le=10_000)]


def _listed(text: Any) -> Any:
    """The values between commas."""
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


class Settings(BaseSettings):
    """How this installation runs. Every default works for the embedded registry."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_", frozen=True, use_attribute_docstrings=True)

    secrets: DirectoryPath | None = None
    """Folder of files with settings, such as `registry_vault_key`; the environment takes precedence over them."""
    data: Path = Path("data")
    """Folder of the embedded PostgreSQL, of the vault's key and, unless set otherwise, of the search index."""
    log: Literal["postgres", "kafka"] = "postgres"
    """The store of the log."""
    kafka: str = ""
    """Kafka's bootstrap servers, `host:port,…`; required if the log is kafka."""
    kafka_replication: Annotated[int, Field(ge=1, le=9)] = 3
    """Replicas of each topic. Use fewer than 3 only if losing a broker may lose the registry, as in development."""
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """Kafka's security protocol. Without SSL or SASL_SSL, data crosses the network in clear."""
    kafka_ca: Path | None = None
    """PEM file of the authorities that sign the brokers' certificates; empty: those that the system trusts."""
    kafka_certificate: Path | None = None
    """PEM file of this node's own certificate, if brokers require one (SSL, SASL_SSL)."""
    kafka_key: Path | None = None
    """PEM file of that certificate's key."""
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How this node authenticates itself (SASL_PLAINTEXT, SASL_SSL)."""
    kafka_user: str = ""
    """This node's user name (SASL_PLAINTEXT, SASL_SSL)."""
    kafka_password: SecretStr = SecretStr("")
    """The password of that user."""
    database_url: str = ""
    """A PostgreSQL 15-18 of your own for views, vault and the postgres log; empty: the embedded one.

    The address is libpq's, with all of its parameters.
    `…?sslmode=verify-full&sslrootcert=/etc/registry/database-ca.crt` requires TLS and checks the server's name.
    `sslcert` and `sslkey` are the client's certificate.
    """
    search_index: Path | None = None
    """Folder of this server's search index, which no other server uses. Empty: `search-index/PORT` in the data folder.
    The index is rebuilt from the views if the folder is lost."""
    partitions: Annotated[int, Field(ge=1, le=1024)] = 24
    """Partitions of the events topic. The number can't be changed once the log exists."""
    vault_key: SecretStr = SecretStr("")
    """64 hexadecimal digits that wrap the persons' keys; empty: a key is made once, in the data folder."""

    name: str = "Japan Trial Registry"
    """The registry's name, as partners know it."""
    number: str = "JTR{year}{number:06}"
    """Grammar of registration numbers; a check character is appended."""
    number_block: Annotated[int, Field(ge=1, le=10_000)] = 20
    """How many numbers a node reserves at a time. Numbers that it does not assign are never assigned."""
    public_url: str = "http://127.0.0.1:8080"
    """The registry's public address. Exports to partners need it, and events contain it permanently: set it before
    the first start."""

    demo: bool = False
    """Whether `registry run` fills an empty registry with invented trials and prints tokens to try it with."""
    host: str = "127.0.0.1"
    """Address of this machine on which the server listens."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    """Port on which the server listens; 0: any free port."""
    connections: Annotated[int, Field(ge=1)] = 500
    """Connections at a time. A further one closes an idle one. Keep it below the process's limit of open files."""
    body_limit: Annotated[int, Field(ge=1_000)] = 800_000
    """Largest request body, in bytes; below the largest size of a record of the log."""
    bodies_limit: Annotated[int, Field(ge=4_000)] = 40_000_000
    """Bytes that bodies and their commands may use until they are answered; one organisation may use a quarter.
    Further ones are refused (429). Bodies of up to 2,000 bytes, such as sites' reports, are always accepted."""
    answers_limit: Annotated[int, Field(ge=1_000_000)] = 40_000_000
    """Bytes of large answers that all clients together may leave unread. Beyond it, the oldest answer is aborted."""
    answer_deadline: Annotated[float, Field(gt=0)] = 60.0
    """Seconds within which a client must accept an answer."""
    clock_tolerance: Annotated[float, Field(ge=0)] = 300.0
    """Seconds by which a sender's clock may be ahead of ours: a later `occurred_at` is refused."""
    command_deadline: Annotated[float, Field(gt=0)] = 15.0
    """Seconds after which a command's outcome is reported as unknown."""
    read_deadline: Annotated[float, Field(gt=0)] = 10.0
    """Seconds that a read may take or wait."""
    views_lag: Annotated[int, Field(ge=1)] = 10_000
    """Records that the views, or another follower, may be behind the log before `/readyz` calls the node degraded."""
    snapshot_every: Annotated[int, Field(ge=0)] = 20_000
    """Records after which a node takes a snapshot, so that the next start reads only the records after it; 0: it
    neither takes nor uses snapshots."""
    log_patience: Annotated[float, Field(gt=0)] = 10.0
    """Seconds for which a log driver retries before it reports a failure."""

    searches_at_once: Count = 2
    """Searches of readers without a token that run at a time; bearers may run the same number in addition. Use one
    for each processor of this server, which searches its own index."""
    searches_most: Count = 24
    """Searches that run or wait at a time, likewise. Further ones are refused (429)."""
    searches_each: Count = 8
    """Searches that one address, or one token, may have among them."""
    search_time: Annotated[float, Field(gt=0)] = 3.0
    """Seconds after which the database aborts a statement of a search."""
    reads_at_once: Count = 6
    """Other reads that run at a time, likewise."""
    reads_most: Count = 64
    """Other reads that run or wait at a time, likewise."""
    reads_each: Count = 16
    """Other reads that one address, or one token, may have among them."""
    streams_most: Count = 150
    """Readers of the feed at a time, likewise; each uses a connection. Further ones are refused (429)."""
    streams_each: Count = 25
    """Readers of the feed that one address, or one token, may have among them."""
    stream_heartbeat: Annotated[float, Field(gt=0)] = 15.0
    """Seconds of silence after which a reader of the feed gets a sign of life; shorter than the timeout of proxies."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_listed)] = ()
    """Networks of your own proxies, `10.0.0.0/8,…`. X-Forwarded-For is trusted from them only. All readers behind a
    proxy that is not named here share the limits of its address."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then the files in the folder that it names."""
        folder = env_settings().get("secrets")
        if not folder or not Path(folder).is_dir():  # the field itself refuses it
            return init_settings, env_settings
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, secrets_dir=folder)

    @field_validator("number")
    @classmethod
    def _is_a_grammar(cls, number: str) -> str:
        return Grammar(number).pattern

    @field_validator("public_url")
    @classmethod
    def _without_a_slash_at_its_end(cls, address: str) -> str:
        # Links add a path that begins with a slash.
        return address.rstrip("/")

    @field_validator("vault_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        secret = key.get_secret_value()
        if secret and (len(secret) != 64 or not set(secret.lower()) <= set("0123456789abcdef")):
            raise ValueError("it must be 64 hexadecimal digits")
        return key

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.bodies_limit < 4 * self.body_limit:
            raise ValueError("REGISTRY_BODIES_LIMIT must be four times REGISTRY_BODY_LIMIT, or more")
        if self.log == "kafka" and not self.kafka:
            raise ValueError("REGISTRY_LOG=kafka needs REGISTRY_KAFKA=host:port,…")
        if self.kafka_security.startswith("SASL") and not (self.kafka_user and self.kafka_password.get_secret_value()):
            raise ValueError(
                f"REGISTRY_KAFKA_SECURITY={self.kafka_security} needs REGISTRY_KAFKA_USER and REGISTRY_KAFKA_PASSWORD"
            )
        if not self.kafka_security.endswith("SSL") and (self.kafka_ca or self.kafka_certificate or self.kafka_key):
            raise ValueError("REGISTRY_KAFKA_CA, _CERTIFICATE and _KEY need REGISTRY_KAFKA_SECURITY=SSL or SASL_SSL")
        return self


def unknown() -> list[str]:
    """The names in the environment that look like settings but are not."""
    known = {variable(name) for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.upper().startswith(variable("")) and name.upper() not in known)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"REGISTRY_{name.upper()}"
