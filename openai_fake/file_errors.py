"""What the service refused on files, uploads and vector stores. «Not recorded» marks our own choice of words."""

from .errors import ServiceError, quoted

NO_EXTENSION = "none"


class FileError(ServiceError):
    """A refusal in which the text stands a second time, in a `detail` beside the error: of an unknown file at `/files`,
    of its purpose and of its content."""

    def envelope(self) -> dict[str, object]:
        """The body: the usual envelope and `"detail": {"message", "code"}`."""
        return {**super().envelope(), "detail": {"message": self.message, "code": self.code}}


def no_such_file(id: str, kind: type[ServiceError] = ServiceError) -> ServiceError:
    """The 404 that files have of their own; the endpoints of files give it as a `FileError`."""
    return kind(404, f"No such File object: {id}", param="id")


def bad_purpose(purpose: str, known: tuple[str, ...]) -> ServiceError:
    """The 400 for a purpose that is none of those known."""
    return FileError(400, f"'{purpose}' is not one of {[*known]} - 'purpose'", param="purpose")


def not_downloadable(purpose: str) -> ServiceError:
    """The 400 for the content of a file whose purpose keeps it inside."""
    return FileError(400, f"Not allowed to download files of purpose: {purpose}")


def required_property(name: str) -> ServiceError:
    """A part of a form that is missing (not recorded: the JSON schema wording that the purpose's refusal has)."""
    return ServiceError(400, f"'{name}' is a required property", param=name)


def not_a_form(content_type: str) -> ServiceError:
    """A body that is no multipart form (not recorded here; the platform's text)."""
    got = content_type.partition(";")[0].strip()
    return ServiceError(400, f"Invalid Content-Type header ({got}), expected multipart/form-data.")


def broken_form(why: str) -> ServiceError:
    """A multipart body that cannot be read (not recorded)."""
    return ServiceError(400, f"Could not parse multipart form: {why}")


def too_large(size: int, limit: int) -> ServiceError:
    """More bytes than the service took (not recorded for files; the platform's text for other uploads)."""
    return ServiceError(413, f"Maximum content size limit ({limit}) exceeded ({size} bytes read)")


def upload_not_pending(id: str, status: str) -> ServiceError:
    """A part, a completion or a cancel for an upload that is over (not recorded)."""
    return ServiceError(400, f"Upload '{id}' is not pending: its status is '{status}'.")


def no_such_part(id: str, upload_id: str) -> ServiceError:
    """A part that the upload does not have (not recorded)."""
    message = f"No part found with id '{id}' in upload '{upload_id}'."
    return ServiceError(400, message, param="part_ids", code="invalid_value")


def wrong_upload_size(expected: int, got: int) -> ServiceError:
    """Parts that are not as long as was said (not recorded)."""
    message = f"The parts of the upload have {got} bytes in total, but {expected} bytes were expected."
    return ServiceError(400, message, param="part_ids", code="invalid_value")


def wrong_checksum(expected: str, got: str) -> ServiceError:
    """Parts whose checksum is another (not recorded)."""
    message = f"The MD5 checksum of the upload is '{got}', but '{expected}' was expected."
    return ServiceError(400, message, param="md5", code="invalid_value")


def unsupported_extension(extension: str) -> ServiceError:
    """The 400 for a file that cannot be searched, by its name's extension."""
    message = (
        f"Files with extensions [{extension or NO_EXTENSION}] are not supported for retrieval. "
        "See https://platform.openai.com/docs/assistants/tools/file-search/supported-files"
    )
    return ServiceError(400, message, param="file_ids", code="unsupported_file")


def not_in_store(file_id: str, store_id: str) -> ServiceError:
    """The 404 for a file that is not in a vector store."""
    return ServiceError(404, f"No file found with id '{file_id}' in vector store '{store_id}'.")


def store_has_expired(id: str) -> ServiceError:
    """Using a store after its time (recorded only in part: "Vector store '…' has expired")."""
    return ServiceError(400, f"Vector store '{id}' has expired.")


def nothing_to_add(names: tuple[str, ...]) -> ServiceError:
    """A batch of nothing (not recorded)."""
    message = f"Missing required parameter: {quoted(names, 'or')}."
    return ServiceError(400, message, param=names[0], code="missing_required_parameter")
