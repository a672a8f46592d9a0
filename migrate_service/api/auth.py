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

"""Who asks: Keystone's middleware, or nobody at all, in front of Flask."""

import flask
from keystonemiddleware import auth_token

from migrate_service import context as migrate_context
from migrate_service import exceptions

#: Endpoints that need no token: what a client looks at first.
PUBLIC = frozenset(
    {'versions.root', 'versions.v1', 'versions.openapi_document'}
)


def protect(application, conf):
    """Return ``application`` behind what authenticates requests.

    A request without a valid token goes on; :func:`identify` refuses it, so
    that a 401 looks like every other error.
    """
    if conf.api.auth_strategy == 'noauth':
        return NoAuth(application)
    options = {
        'delay_auth_decision': True,
        'oslo_config_config': conf,
    }
    return auth_token.AuthProtocol(application, options)


class NoAuth:
    """Believes the headers ``X-User-Id``, ``X-Project-Id``, ``X-Roles``."""

    def __init__(self, application):
        self._application = application

    def __call__(self, environ, start_response):
        known = environ.get('HTTP_X_USER_ID') and environ.get(
            'HTTP_X_PROJECT_ID'
        )
        environ['HTTP_X_IDENTITY_STATUS'] = 'Confirmed' if known else 'Invalid'
        return self._application(environ, start_response)


def identify():
    """Set ``flask.g.context``, before a controller runs.

    :raises Unauthorized: the endpoint needs a token and there is none.
    """
    environ = flask.request.environ
    flask.g.context = migrate_context.RequestContext.from_environ(environ)
    if flask.request.endpoint in PUBLIC:
        return
    if environ.get('HTTP_X_IDENTITY_STATUS') != 'Confirmed':
        raise exceptions.Unauthorized()
