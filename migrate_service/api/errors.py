# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Every error as one JSON body: API-SIG's, with ``message`` on top.

openstacksdk, and with it the command line and Horizon, reads ``message``.
"""

import flask
from oslo_db import exception as db_errors
from oslo_log import log
from werkzeug import exceptions as http_errors

from migrate_service import exceptions

LOG = log.getLogger(__name__)


def register(app):
    """Answer whatever goes wrong in ``app`` with our body."""
    app.register_error_handler(exceptions.MigrateError, respond)
    app.register_error_handler(http_errors.HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def respond(error):
    """Return the response to a :class:`MigrateError`."""
    entry = {
        'request_id': flask.request.environ.get('openstack.request_id'),
        'code': error.code,
        'status': error.status,
        'title': error.title,
        'detail': str(error),
        'remedy': error.advice,
        'links': [],
    }
    if 'concerns' in error.kwargs:
        entry['concerns'] = error.kwargs['concerns']
    body = {'message': str(error), 'errors': [entry]}
    return flask.jsonify(body), error.status


def _http_error(error):
    """Say in our words what Flask refused, and keep its headers."""
    response, status = respond(_translate(error))
    if isinstance(error, http_errors.MethodNotAllowed):
        response.headers['Allow'] = ', '.join(
            sorted(error.valid_methods or ())
        )
    return response, status


def _translate(error):
    request = flask.request
    if isinstance(error, http_errors.NotFound):
        return exceptions.NotFound(f'There is nothing at {request.path}.')
    if isinstance(error, http_errors.MethodNotAllowed):
        return exceptions.MethodNotAllowed(method=request.method)
    if isinstance(error, http_errors.RequestEntityTooLarge):
        limit = flask.current_app.config['MAX_CONTENT_LENGTH']
        return exceptions.RequestTooLarge(limit=limit)
    if isinstance(error, http_errors.UnsupportedMediaType):
        return exceptions.UnsupportedMediaType()
    if error.code and 400 <= error.code < 500:
        return exceptions.BadRequest(reason=error.description or error.name)
    return exceptions.MigrateError()


def _unexpected(error):
    """Log what is our fault, and tell the user no more than the id."""
    LOG.error('The request failed', exc_info=error)
    if isinstance(error, db_errors.DBConnectionError):
        return respond(exceptions.DatabaseUnavailable())
    return respond(exceptions.MigrateError())
