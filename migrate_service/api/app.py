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

"""The WSGI application: Flask, and what stands before it."""

import flask
from flask import json
from oslo_middleware import cors
from oslo_middleware import healthcheck
from oslo_middleware import http_proxy_to_wsgi
from oslo_middleware import request_id
from werkzeug.middleware import dispatcher

from migrate_service import exceptions
from migrate_service.api import auth
from migrate_service.api import errors
from migrate_service.api import microversion
from migrate_service.api import services
from migrate_service.api import versions
from migrate_service.api.v1 import acceptance
from migrate_service.api.v1 import assessments
from migrate_service.api.v1 import cutovers
from migrate_service.api.v1 import grants
from migrate_service.api.v1 import inventory
from migrate_service.api.v1 import limits
from migrate_service.api.v1 import mappings
from migrate_service.api.v1 import migrations
from migrate_service.api.v1 import plans
from migrate_service.api.v1 import preparations
from migrate_service.api.v1 import records
from migrate_service.api.v1 import rehearsals
from migrate_service.api.v1 import simulations
from migrate_service.api.v1 import sources
from migrate_service.api.v1 import workers

#: The controllers of version 1, all below ``/v1``.
RESOURCES = (
    sources,
    grants,
    inventory,
    mappings,
    assessments,
    plans,
    simulations,
    migrations,
    cutovers,
    acceptance,
    preparations,
    records,
    rehearsals,
    workers,
    limits,
)


def create(conf):
    """Return the WSGI application of the API; the database is configured."""
    return pipeline(flask_app(conf), conf)


def json_provider(app):
    """Return what writes bodies, in the order in which views name keys."""
    provider = json.provider.DefaultJSONProvider(app)
    provider.sort_keys = False
    return provider


def flask_app(conf):
    """Return the Flask application alone: routes, errors, versions."""
    app = flask.Flask('migrate', static_folder=None)
    app.config['MAX_CONTENT_LENGTH'] = conf.api.max_request_body_size
    app.json = json_provider(app)
    app.url_map.strict_slashes = False
    app.extensions[services.KEY] = services.create(conf)
    errors.register(app)
    app.before_request(_refuse_path)
    app.before_request(microversion.negotiate)
    app.before_request(auth.identify)
    app.after_request(microversion.announce)
    app.register_blueprint(versions.blueprint)
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint, url_prefix='/v1')
    return app


def pipeline(application, conf):
    """Return ``application`` behind the middleware, the outermost last.

    Health is asked without a token, so that it stands beside the part that
    authenticates; request ids come first, to be in every answer and log
    line.
    """
    application = auth.protect(application, conf)
    health = healthcheck.Healthcheck(None, conf)
    application = dispatcher.DispatcherMiddleware(
        application, {'/healthcheck': health}
    )
    application = request_id.RequestId(application)
    application = cors.CORS(application, conf)
    return http_proxy_to_wsgi.HTTPProxyToWSGI(application, conf)


def _refuse_path():
    """No database can look for an id that holds NUL."""
    if '\0' in flask.request.path:
        raise exceptions.NotFound('There is nothing at this path.')
