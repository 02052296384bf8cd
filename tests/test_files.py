"""Files and uploads through the SDK: what comes back, what is refused, what time does to them."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from openai_fake import OpenAIFake

from .kit import api
from .stores_kit import FLAVOURS, call, refusal

HOUR = 3600
TEXT = "Zoë's résumé — 履歴書\r\n--not-a-boundary--\r\n".encode() + bytes(range(256))

flavours = pytest.mark.parametrize("flavour", FLAVOURS)


def waiting_for(id: str) -> Any:
    return lambda c: c.files.wait_for_processing(id)


def part(upload_id: str, data: bytes) -> Any:
    return lambda c: c.uploads.parts.create(upload_id, data=data)


def wire(fake: OpenAIFake) -> Any:
    return fake.calls.last.answer


@flavours
def test_a_file_is_what_was_recorded_and_comes_back_as_it_went(flavour: str) -> None:
    with OpenAIFake() as fake:
        made = call(fake, flavour, lambda c: c.files.create(file=('ünï "q".jsonl', TEXT), purpose="batch"))
        assert list(wire(fake).items()) == [
            ("object", "file"),
            ("id", made.id),
            ("purpose", "batch"),
            ("filename", made.filename),
            ("bytes", len(TEXT)),
            ("created_at", int(fake.clock.now)),
            ("expires_at", None),
            ("status", "processed"),
            ("status_details", None),
        ]
        assert made.filename.startswith("ünï")
        assert call(fake, flavour, lambda c: c.files.retrieve(made.id)) == made
        assert call(fake, flavour, lambda c: c.files.content(made.id)).content == TEXT
        assert fake.calls.named("files.content").last.status == 200
        assert fake.files[made.id].filename == made.filename
        gone = call(fake, flavour, lambda c: c.files.delete(made.id))
        assert list(wire(fake).items()) == [("object", "file"), ("deleted", True), ("id", made.id)] and gone.deleted
        assert not fake.files


@flavours
@pytest.mark.parametrize("source", ["path", "bytes", "stream", "tuple"])
def test_every_form_in_which_the_sdk_takes_a_file(flavour: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(TEXT)
    given: Any = {
        "path": path,
        "bytes": TEXT,
        "stream": io.BytesIO(TEXT),
        "tuple": ("notes.txt", io.BytesIO(TEXT), "text/plain"),
    }[source]
    with OpenAIFake() as fake:
        made = call(fake, flavour, lambda c: c.files.create(file=given, purpose="batch"))
        assert call(fake, flavour, lambda c: c.files.content(made.id)).content == TEXT
        assert source not in ("path", "tuple") or made.filename == "notes.txt"


@flavours
def test_waiting_for_a_file_takes_no_time(flavour: str) -> None:
    with OpenAIFake() as fake:
        fake.add_file("file-slow", status="uploaded")
        for id in ("file-slow", fake.add_file().id):
            assert call(fake, flavour, waiting_for(id)).status == "processed"


def test_files_are_listed_by_purpose_in_either_order_and_by_the_ten_thousand() -> None:
    with OpenAIFake() as fake:
        ids = [fake.add_file(purpose=["batch", "assistants"][n % 2]).id for n in range(150)]

        def listed(**query: Any) -> list[str]:
            page = call(fake, "sync", lambda c: c.files.list(extra_query=query))
            return [file.id for file in page.data]

        assert listed() == ids[::-1]
        assert listed(order="asc") == ids
        assert listed(purpose="batch", order="asc") == ids[::2]
        assert listed(purpose="batch", order="asc", limit=2, after=ids[2]) == ids[4:8:2]
        assert wire(fake)["has_more"] is True and wire(fake)["first_id"] == ids[4]
        assert len(listed(limit=10_000)) == 150
        told = refusal(fake, lambda c: c.files.list(extra_query={"limit": 10_001}))
        assert (told.status_code, told.code) == (400, "integer_above_max_value")


def test_a_page_of_files_knows_no_before() -> None:
    with OpenAIFake() as fake:
        ids = [fake.add_file().id for _ in range(3)]
        page = call(fake, "sync", lambda c: c.files.list(extra_query={"before": ids[0]}))
        assert [file.id for file in page.data] == ids[::-1]


def test_a_page_after_an_unknown_file_is_refused_as_any_unknown_file_is() -> None:
    with OpenAIFake() as fake:
        told = refusal(fake, lambda c: c.files.list(after="file-x"))
        assert (told.status_code, told.param) == (404, "id")
        assert wire(fake)["detail"] == {"message": "No such File object: file-x", "code": None}
    with OpenAIFake(strict=False) as fake:
        made = fake.add_file()
        page = call(fake, "sync", lambda c: c.files.list(after="file-x"))
        assert [file.id for file in page.data] == [made.id]


@pytest.mark.parametrize("purpose", ["user_data", "evals", "world_domination"])
def test_uploads_have_fewer_purposes_than_files(purpose: Any) -> None:
    with OpenAIFake() as fake:
        upload: Any = {"filename": "a", "purpose": purpose, "bytes": 3, "mime_type": "text/plain"}
        told = refusal(fake, lambda c: c.uploads.create(**upload))
        assert (told.status_code, told.param, told.code) == (400, "purpose", "invalid_value")
        assert "'assistants', 'batch', 'fine-tune', and 'vision'" in told.message


def test_an_image_that_was_uploaded_to_be_seen_can_be_downloaded() -> None:
    with OpenAIFake() as fake:
        made = fake.add_file(purpose="vision", content=b"PNG")
        assert call(fake, "sync", lambda c: c.files.content(made.id)).read() == b"PNG"


@pytest.mark.parametrize("purpose", ["assistants", "user_data"])
def test_what_was_uploaded_for_assistants_cannot_be_downloaded(purpose: Any) -> None:
    with OpenAIFake() as fake:
        made = fake.add_file(purpose=purpose)
        told = refusal(fake, lambda c: c.files.content(made.id))
        assert told.status_code == 400
        assert told.body["message"] == f"Not allowed to download files of purpose: {purpose}"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/vector_stores", {"file_ids": ["fake_id"]}),
        ("/vector_stores/vs_1/files", {"file_id": "fake_id"}),
        ("/vector_stores/vs_1/file_batches", {"file_ids": ["fake_id"]}),
        ("/assistants", {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": ["fake_id"]}}}),
    ],
)
def test_elsewhere_an_unknown_file_is_told_once(path: str, body: Any) -> None:
    it = api(require_files=True)
    it.fake.add_vector_store("vs_1")
    answer = it.send("POST", path, body)
    assert (answer.status, list(answer.json)) == (404, ["error"])
    assert answer.error["message"] == "No such File object: fake_id"


@pytest.mark.parametrize("name", ["retrieve", "delete", "content"])
def test_an_unknown_file_is_told_with_the_second_text(name: str) -> None:
    with OpenAIFake() as fake:
        told = refusal(fake, lambda c: getattr(c.files, name)("fake_id"))
        assert told.status_code == 404
        assert list(wire(fake)) == ["error", "detail"]
        assert wire(fake) == {
            "error": {
                "message": "No such File object: fake_id",
                "type": "invalid_request_error",
                "param": "id",
                "code": None,
            },
            "detail": {"message": "No such File object: fake_id", "code": None},
        }


def test_an_unknown_purpose_is_refused_in_the_recorded_words() -> None:
    with OpenAIFake() as fake:
        told = refusal(fake, lambda c: c.files.create(file=b"x", purpose="world_domination"))
        assert (told.status_code, told.param) == (400, "purpose")
        assert wire(fake)["error"]["message"] == (
            "'world_domination' is not one of ['fine-tune', 'assistants', 'batch', 'user_data', 'vision', 'evals']"
            " - 'purpose'"
        )
        assert not fake.files


def test_a_file_beyond_the_limit_is_refused_and_one_at_it_is_not() -> None:
    with OpenAIFake(max_file_bytes=10) as fake:
        call(fake, "sync", lambda c: c.files.create(file=b"x" * 10, purpose="batch"))
        told = refusal(fake, lambda c: c.files.create(file=b"x" * 11, purpose="batch"))
        assert told.status_code == 413 and "(10) exceeded (11 bytes read)" in str(told)
        assert len(fake.files) == 1


@flavours
def test_a_file_with_an_expiry_is_gone_when_its_time_has_come(flavour: str) -> None:
    with OpenAIFake() as fake:
        expiry = {"expires_after[anchor]": "created_at", "expires_after[seconds]": str(HOUR)}
        made = call(fake, flavour, lambda c: c.files.create(file=b"x", purpose="batch", extra_body=expiry))
        assert made.expires_at == made.created_at + HOUR
        fake.clock.advance(HOUR - 1)
        assert made.id in fake.files
        fake.clock.advance(1)
        assert refusal(fake, lambda c: c.files.retrieve(made.id)).status_code == 404


@flavours
def test_an_upload_in_parts_becomes_one_file(flavour: str) -> None:
    with OpenAIFake() as fake:

        def create(c: Any) -> Any:
            return c.uploads.create(filename="big.jsonl", purpose="batch", bytes=10, mime_type="text/jsonl")

        upload = call(fake, flavour, create)
        assert list(wire(fake)) == [
            *("id", "object", "bytes", "created_at", "filename", "purpose", "status", "expires_at", "file")
        ]
        assert (upload.status, upload.expires_at) == ("pending", upload.created_at + HOUR)
        parts = [call(fake, flavour, part(upload.id, piece)) for piece in (b"67890", b"12345")]
        assert parts[0].object == "upload.part" and parts[0].upload_id == upload.id
        ids = [parts[1].id, parts[0].id]
        md5 = hashlib.md5(b"1234567890").hexdigest()
        done = call(fake, flavour, lambda c: c.uploads.complete(upload.id, part_ids=ids, md5=md5))
        assert done.status == "completed" and done.file.filename == "big.jsonl"
        assert call(fake, flavour, lambda c: c.files.content(done.file.id)).content == b"1234567890"
        told = refusal(fake, lambda c: c.uploads.parts.create(upload.id, data=b"x"))
        assert told.status_code == 400 and "completed" in str(told)


@flavours
def test_the_sdk_uploads_in_chunks(flavour: str) -> None:
    content = TEXT * 10
    with OpenAIFake() as fake:
        done = call(
            fake,
            flavour,
            lambda c: c.uploads.upload_file_chunked(
                file=content,
                filename="big.jsonl",
                bytes=len(content),
                mime_type="text/jsonl",
                purpose="batch",
                part_size=1000,
            ),
        )
        assert done.file.bytes == len(content)
        assert fake.calls.named("uploads.parts.create").count == -(-len(content) // 1000)
        assert call(fake, flavour, lambda c: c.files.content(done.file.id)).content == content


def test_an_upload_that_does_not_add_up_is_refused_and_stays_pending() -> None:
    with OpenAIFake() as fake:
        upload = call(
            fake, "sync", lambda c: c.uploads.create(filename="a", purpose="batch", bytes=3, mime_type="text/plain")
        )
        first = call(fake, "sync", part(upload.id, b"12"))
        for given, words in (
            ({"part_ids": [first.id]}, "2 bytes in total, but 3"),
            ({"part_ids": [first.id, "part_x"]}, "No part found with id 'part_x'"),
        ):
            told = refusal(fake, lambda c, given=given: c.uploads.complete(upload.id, **given))
            assert told.status_code == 400 and words in str(told)
        last = call(fake, "sync", lambda c: c.uploads.parts.create(upload.id, data=b"3"))
        ids = [first.id, last.id]
        told = refusal(fake, lambda c: c.uploads.complete(upload.id, part_ids=ids, md5="0" * 32))
        assert told.param == "md5" and not fake.files
        assert call(fake, "sync", lambda c: c.uploads.complete(upload.id, part_ids=ids)).status == "completed"


@pytest.mark.parametrize(("end", "status"), [("cancel", "cancelled"), ("expire", "expired")])
def test_an_upload_ends_without_a_file(end: str, status: str) -> None:
    with OpenAIFake() as fake:
        upload = call(
            fake, "sync", lambda c: c.uploads.create(filename="a", purpose="batch", bytes=1, mime_type="text/plain")
        )
        first = call(fake, "sync", part(upload.id, b"1"))
        if end == "cancel":
            assert call(fake, "sync", lambda c: c.uploads.cancel(upload.id)).status == status
        else:
            fake.clock.advance(HOUR)
        for act in (
            lambda c: c.uploads.cancel(upload.id),
            lambda c: c.uploads.complete(upload.id, part_ids=[first.id]),
            lambda c: c.uploads.parts.create(upload.id, data=b"1"),
        ):
            told = refusal(fake, act)
            assert told.status_code == 400 and status in str(told)
        assert not fake.files


def test_uploads_are_for_what_is_larger_than_a_file_may_be() -> None:
    with OpenAIFake(max_file_bytes=10) as fake:
        upload = call(
            fake, "sync", lambda c: c.uploads.create(filename="a", purpose="batch", bytes=20, mime_type="text/plain")
        )
        first = call(fake, "sync", part(upload.id, b"x" * 20))
        assert call(fake, "sync", lambda c: c.uploads.complete(upload.id, part_ids=[first.id])).file.bytes == 20
        told = refusal(
            fake, lambda c: c.uploads.create(filename="a", purpose="batch", bytes=2**40, mime_type="text/plain")
        )
        assert told.code == "integer_above_max_value"


BOUNDARY = "multipart/form-data; boundary=xyz"


def form(*parts: str, end: str = "--xyz--\r\n") -> bytes:
    return ("".join(f"--xyz\r\n{part}\r\n" for part in parts) + end).encode()


FILE = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello'
PURPOSE = 'Content-Disposition: form-data; name="purpose"\r\n\r\nbatch'


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json", b"{}", "expected multipart/form-data"),
        ("", b"", "expected multipart/form-data"),
        ("multipart/form-data", form(FILE), "Could not parse multipart form"),
        (f"{BOUNDARY}{'x' * 300}", form(FILE), "Could not parse multipart form"),
        (BOUNDARY, b"", "Could not parse multipart form"),
        (BOUNDARY, b"nonsense", "Could not parse multipart form"),
        (BOUNDARY, form(FILE, PURPOSE, end=""), "Could not parse multipart form"),
        (BOUNDARY, form("Content-Type: text/plain\r\n\r\nhello"), "a part has no name"),
        (BOUNDARY, form("no header\r\n\r\nhello"), "Could not parse multipart form"),
        (BOUNDARY, form(FILE), "'purpose' is a required property"),
        (BOUNDARY, form(PURPOSE), "'file' is a required property"),
        (BOUNDARY, form(FILE, PURPOSE, PURPOSE.replace("purpose", "purpos")), "Unknown parameter: 'purpos'"),
        (BOUNDARY, form(FILE, PURPOSE.replace("purpose", "purpos")), "'purpose' is a required property"),
        (BOUNDARY, form(PURPOSE, PURPOSE.replace("purpose", "fil")), "'file' is a required property"),
        (
            BOUNDARY,
            form(FILE, PURPOSE, PURPOSE.replace("purpose", "expires_after[anchor]")),
            "Missing required parameter: 'expires_after.seconds'",
        ),
        (
            BOUNDARY,
            form(FILE, PURPOSE, PURPOSE.replace("purpose", "expires_after[seconds]")),
            "Invalid type for 'expires_after.seconds'",
        ),
    ],
)
def test_a_broken_form_is_refused_and_changes_nothing(content_type: str, body: bytes, words: str) -> None:
    with OpenAIFake() as fake:
        client = fake.http_client()
        reply = client.post("https://api.openai.com/v1/files", content=body, headers={"content-type": content_type})
        assert reply.status_code == 400
        assert words in reply.json()["error"]["message"]
        assert reply.json()["error"]["type"] == "invalid_request_error"
        assert not fake.files


def test_an_expiry_out_of_range_is_clamped_where_the_fake_is_lenient() -> None:
    expiry: Any = {"anchor": "created_at", "seconds": 1}
    with OpenAIFake(strict=False) as fake:
        made = call(
            fake, "sync", lambda c: c.files.create(file=("a.txt", b"a"), purpose="batch", extra_body=form_of(expiry))
        )
        assert fake.calls.last.answer["expires_at"] == made.created_at + 3600


def form_of(expiry: dict[str, Any]) -> dict[str, str]:
    return {f"expires_after[{name}]": str(value) for name, value in expiry.items()}


@pytest.mark.parametrize(("content_type", "told"), [("application/json; charset=utf-8", "application/json"), ("", "")])
def test_what_is_sent_in_the_place_of_a_form_is_named(content_type: str, told: str) -> None:
    with OpenAIFake() as fake:
        reply = fake.http_client().post(
            "https://api.openai.com/v1/files", content=b"{}", headers={"content-type": content_type}
        )
        message = f"Invalid Content-Type header ({told}), expected multipart/form-data."
        assert reply.json()["error"]["message"] == message


@pytest.mark.parametrize("wrong", ["size", "checksum"])
def test_parts_that_do_not_add_up_are_refused_as_a_value_that_is_wrong(wrong: str) -> None:
    with OpenAIFake() as fake:
        size = 5 if wrong == "size" else 4
        made = call(
            fake,
            "sync",
            lambda c: c.uploads.create(bytes=size, filename="a.txt", mime_type="text/plain", purpose="batch"),
        )
        part = call(fake, "sync", lambda c: c.uploads.parts.create(made.id, data=b"abcd"))
        md5 = hashlib.md5(b"other").hexdigest()
        refused = refusal(fake, lambda c: c.uploads.complete(made.id, part_ids=[part.id], md5=md5))
        assert (refused.status_code, refused.code) == (400, "invalid_value")


def test_a_page_of_files_holds_ten_thousand_unless_it_is_asked_for_fewer() -> None:
    with OpenAIFake() as fake:
        for number in range(10_001):
            fake.add_file(f"file_{number}")
        page = fake.http_client().get("https://api.openai.com/v1/files").json()
        assert (len(page["data"]), page["has_more"]) == (10_000, True)
