"""Settings: where they come from, which wins, and what an operator reads when one is wrong."""

from pathlib import Path

import pytest

from lti_tool.config import Settings, SettingsError


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "no-secrets").mkdir()
    monkeypatch.setenv("PROXIMAL_SECRETS_DIR", str(tmp_path / "no-secrets"))
    monkeypatch.delenv("PROXIMAL_CONFIG", raising=False)


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


class TestSources:
    def test_the_defaults_alone_are_enough(self) -> None:
        settings = Settings.load()
        assert settings.base_url == "http://127.0.0.1:9001"
        assert not settings.allow_http_on_loopback

    def test_the_last_of_file_secret_environment_and_override_wins(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PROXIMAL_CONFIG", write(tmp_path / "own.toml", "launch_hours = 1\nmetrics_token = 'file'"))
        assert Settings.load().launch_hours == 1
        secrets = tmp_path / "secrets"
        secrets.mkdir()
        write(secrets / "proximal_launch_hours", "2\n")
        write(secrets / "proximal_metrics_token", "secret\n")
        monkeypatch.setenv("PROXIMAL_SECRETS_DIR", str(secrets))
        assert (Settings.load().launch_hours, Settings.load().metrics_token) == (2, "secret")
        monkeypatch.setenv("PROXIMAL_LAUNCH_HOURS", "3")
        assert Settings.load().launch_hours == 3
        assert Settings.load(launch_hours=4).launch_hours == 4

    def test_sqlite_in_the_data_folder_unless_a_database_is_named(self, tmp_path: Path) -> None:
        assert Settings.load(data_dir=tmp_path).sqlalchemy_url == f"sqlite:///{tmp_path / 'proximal.db'}"
        named = "postgresql+psycopg://proximal@db/proximal"
        assert Settings.load(database_url=named).sqlalchemy_url == named

    def test_no_secret_shows_when_settings_are_printed(self) -> None:
        settings = Settings.load(metrics_token="hush", database_url="postgresql+psycopg://proximal:hush@db/proximal")
        assert "hush" not in repr(settings)


class TestMistakes:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("base_url", "proximal.example"),
            ("base_url", "ftp://proximal.example"),
            ("base_url", "https://proximal.example/tool"),
            ("base_url", "https://proximal.example/?a=1"),
            ("base_url", "https://"),
            ("base_url", "https://proximal.example#start"),
            ("base_url", "https://proximal example"),
            ("base_url", "https://me:hush@proximal.example"),
            ("base_url", "https://proximal.example:99999"),
            ("base_url", "https://[proximal"),
            ("master_key", "short"),
            ("master_key", "é" * 44),
            ("master_key", "x" * 44 + "="),
            ("master_key", " , "),
            ("bind", "everywhere"),
            ("bind", "127.0.0.1"),
            ("bind", "127.0.0.1:web"),
            ("bind", "127.0.0.1:99999"),
            ("bind", "127.0.0.1:9001,"),
            ("bind", "unix:"),
            ("metrics_token", "hush\n"),
            ("metrics_token", "hüsh"),
            ("admin_oidc_client_secret", " hush"),
            ("otel_endpoint", "collector:4318"),
            ("sentry_dsn", "hush"),
            ("private_lms_hosts", "10.20.0.1/16"),
            ("private_lms_hosts", "moodle.lan/x"),
            ("ca_file", __file__),
            ("web_processes", "0"),
            ("web_threads", "many"),
            ("trusted_proxies", "-1"),
            ("embedded_worker", "perhaps"),
            ("launch_hours", "0"),
            ("launch_hours", "nan"),
            ("launch_hours", "25"),
            ("sitting_items", "1.5"),
            ("sitting_minutes", "inf"),
            ("ca_file", "/nowhere/ca.pem"),
            ("database_url", "postgres://proximal:hush@db/proximal"),
            ("database_url", "proximal.db"),
            ("database_url", "postgresql+psycopg://proximal:hush@db"),
            ("database_url", "postgresql+psycopg://proximal:hush@db:port/proximal"),
            ("database_url", "sqlite:///"),
            ("database_url", "sqlite:///:memory:"),
        ],
    )
    def test_a_bad_value_is_named(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(f"PROXIMAL_{name.upper()}", value)
        with pytest.raises(SettingsError, match=name) as error:
            Settings.load()
        assert "hush" not in str(error.value)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("base_url", "https://Proximal.example:8443/"),
            ("bind", "unix:/run/proximal/web.sock"),
            ("bind", ":9001"),
            ("bind", "[::1]:9001, 127.0.0.1:9001"),
            ("database_url", "postgresql+psycopg:///proximal?host=/run/postgresql"),
            ("otel_endpoint", "http://collector.school.example:4318/v1/traces"),
        ],
    )
    def test_a_good_one_is_taken(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(f"PROXIMAL_{name.upper()}", value)
        assert getattr(Settings.load(), name) == value.rstrip("/")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"admin_oidc_issuer": "idp.example"},
            {"admin_oidc_issuer": "http://idp.example"},
            {"admin_oidc_scopes": "profile email"},
            {"admin_oidc_client_id": ""},
        ],
        ids=str,
    )
    def test_a_sign_in_that_can_not_work_is_named(self, wrong: dict[str, str]) -> None:
        good = {"admin_sign_in": "oidc", "admin_oidc_issuer": "https://idp.example", "admin_oidc_client_id": "proximal"}
        assert Settings.load(**good).admin_sign_in == "oidc"
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            Settings.load(**(good | wrong))

    def test_a_folder_of_secrets_that_is_not_there_is_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PROXIMAL_SECRETS_DIR", str(tmp_path / "gone"))
        with pytest.raises(SettingsError, match=r"PROXIMAL_SECRETS_DIR names .*gone"):
            Settings.load()

    def test_a_setting_that_does_not_exist_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PROXIMAL_CONFIG", write(tmp_path / "own.toml", "colour = 'blue'"))
        with pytest.raises(SettingsError, match="colour"):
            Settings.load()

    @pytest.mark.parametrize(("typed", "meant"), [("BASE_ULR", "BASE_URL"), ("MASTERKEY", "MASTER_KEY")])
    def test_a_misspelt_setting_is_not_left_out_in_silence(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, meant: str
    ) -> None:
        complaint = f"PROXIMAL_{typed} is no setting; did you mean PROXIMAL_{meant}\\?"
        with monkeypatch.context() as shell:
            shell.setenv(f"PROXIMAL_{typed}", "hush")
            with pytest.raises(SettingsError, match=complaint):
                Settings.load()
        write(tmp_path / f"proximal_{typed.lower()}", "hush")
        monkeypatch.setenv("PROXIMAL_SECRETS_DIR", str(tmp_path))
        with pytest.raises(SettingsError, match=f"(?i){complaint}"):
            Settings.load()

    def test_what_kubernetes_adds_for_a_service_is_no_misspelt_setting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP_ADDR", "WEB_SERVICE_PORT"):
            monkeypatch.setenv(f"PROXIMAL_{name}", "10.0.0.1")
        assert Settings.load().base_url == "http://127.0.0.1:9001"

    def test_a_file_that_is_not_there_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PROXIMAL_CONFIG", str(tmp_path / "gone.toml"))
        with pytest.raises(SettingsError, match=r"gone\.toml"):
            Settings.load()

    @pytest.mark.parametrize("content", [b"launch_hours = ", b"\xff\xfe", b"[" * 50])
    def test_a_file_that_is_no_toml_is_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "own.toml").write_bytes(content)
        monkeypatch.setenv("PROXIMAL_CONFIG", str(tmp_path / "own.toml"))
        with pytest.raises(SettingsError, match=r"own\.toml"):
            Settings.load()

    def test_no_secret_shows_in_a_complaint(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PROXIMAL_METRICS_TOKEN", "hush")
        with pytest.raises(SettingsError) as error:
            Settings.load(web_threads=0)
        assert "hush" not in str(error.value)
