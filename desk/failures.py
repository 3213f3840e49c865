"""Every way a request can fail, as a sentence in the desk's own look."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from desk.answers import Answers, wants_json
from desk.query import BadQuery, MovedTo, NotFound
from desk.source import Waiting
from riftwatch.errors import AccessError, Retry
from riftwatch.log import get

log = get(__name__)


def catch_all(answers: Answers) -> Middleware:
    """Return the middleware that turns what a view raises into an answer."""
    say = answers.wording.plain

    @web.middleware
    async def catch(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except MovedTo as moved:
            raise web.HTTPMovedPermanently(_address(request, moved)) from moved
        except NotFound as error:
            return answers.message(request, 404, "missing.title", say(error.key))
        except BadQuery as error:
            return answers.message(request, 400, "bad.title", say(error.key, **error.values))
        except (Waiting, AccessError) as error:  # a person has to see to it: tell which sentence
            return answers.waiting(request, str(error))
        except Retry as error:
            log.warning("store busy", status="retry", path=request.path, error=str(error)[:200])
            return answers.message(request, 503, "busy.title", say("busy.text"))
        except web.HTTPNotFound:
            return answers.message(request, 404, "missing.title", say("missing.page"))
        except web.HTTPException:
            raise
        except Exception:
            log.exception("page failed", status="error", path=request.path)
            return answers.message(request, 500, "failed.title", say("failed.text"))

    return catch


def _address(request: web.Request, moved: MovedTo) -> str:
    prefix = "/api" if wants_json(request) else ""
    query = f"?{request.query_string}" if request.query_string else ""
    return prefix + moved.path + query
