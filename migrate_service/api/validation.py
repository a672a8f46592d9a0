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

"""Requests and responses are what their JSON schemas say.

A message names the field and the rule, never the value: it might be a
password.
"""

import functools
import json

import flask
import jsonschema
from oslo_log import log

from migrate_service import exceptions
from migrate_service.api import formats
from migrate_service.api import services

LOG = log.getLogger(__name__)
Validator = jsonschema.Draft202012Validator


def request_body(schema):
    """Pass the JSON body of the request, validated, as the first argument.

    :param schema: a function of the enabled drivers, or a schema.
    """

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            body = _read_body()
            check(schema, body, 'The body')
            return function(body, *args, **kwargs)

        return _note(wrapper, request_body=schema)

    return decorate


def request_query(schema):
    """Pass the query of the request, converted and validated, as ``query``."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            query = _read_query(schema)
            check(schema, query, 'The query')
            return function(*args, query=query, **kwargs)

        return _note(wrapper, request_query=schema)

    return decorate


def response_body(schema, status=200):
    """Check what the controller returns, as far as ``[api]`` wants it.

    :param schema: None for an empty response.
    """

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            body = function(*args, **kwargs)
            if schema is None:
                return '', status
            _check_response(schema, body)
            return flask.jsonify(body), status

        return _note(wrapper, response_body=schema, response_status=status)

    return decorate


def _note(wrapper, **schemas):
    """Keep the schemas on the controller, for the OpenAPI document."""
    wrapper.schemas = getattr(wrapper, 'schemas', {}) | schemas
    return wrapper


def _read_body():
    request = flask.request
    data = request.get_data()
    if not data:
        raise exceptions.BadRequest(reason='The request has no body.')
    if not request.is_json:
        raise exceptions.UnsupportedMediaType()
    try:
        body = json.loads(data, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise exceptions.BadRequest(
            reason=f'The body is not JSON: {error.msg} at line '
            f'{error.lineno}, column {error.colno}.'
        ) from None
    except (ValueError, RecursionError):
        raise exceptions.BadRequest(
            reason='The body is not JSON as RFC 8259 defines it.'
        ) from None
    _refuse_characters(body)
    return body


def _refuse_constant(name):
    raise ValueError(name)


def _read_query(schema):
    """Return the query as a dict, with numbers and booleans converted."""
    query = {}
    for name, values in flask.request.args.lists():
        if len(values) > 1:
            raise exceptions.BadRequest(reason=f'{name}: given twice.')
        kind = schema['properties'].get(name, {}).get('type')
        query[name] = _convert(values[0], kind)
    _refuse_characters(query)
    return query


def _convert(value, kind):
    if kind == 'integer' and value.isascii() and value.isdecimal():
        return int(value[:20])
    if kind == 'boolean':
        return {'true': True, 'false': False}.get(value.lower(), value)
    return value


def _refuse_characters(value):
    """Refuse what a database cannot hold: NUL and halves of characters."""
    if isinstance(value, dict):
        for item in value.items():
            _refuse_characters(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_characters(item)
    elif isinstance(value, str) and not formats.is_text(value):
        raise exceptions.BadRequest(
            reason='The request holds NUL or an incomplete character.'
        )


def check(schema, value, what):
    """Refuse a value that its schema does not allow.

    :param what: the value itself, for the message.
    :raises BadRequest: naming field and rule.
    """
    validator = Validator(schema, format_checker=formats.CHECKER)
    errors = sorted(validator.iter_errors(value), key=_depth)
    if errors:
        path = '.'.join(str(part) for part in errors[0].absolute_path)
        raise exceptions.BadRequest(
            reason=f'{path or what}: {sentence(errors[0])}'
        )


def _depth(error):
    return len(error.absolute_path), [str(part) for part in error.path]


def sentence(error):
    """Return what an error of jsonschema means, without the value."""
    rule, limit = error.validator, error.validator_value
    if rule == 'required':
        missing = [name for name in limit if name not in error.instance]
        return f'{", ".join(missing)} is missing.'
    if rule == 'additionalProperties':
        known = error.schema['properties']
        unknown = sorted(name for name in error.instance if name not in known)
        return f'{", ".join(unknown)} is not known here.'
    if rule == 'type':
        kinds = [limit] if isinstance(limit, str) else limit
        return f'must be of type {" or ".join(kinds)}.'
    if rule in ('enum', 'const'):
        return f'must be one of {", ".join(str(one) for one in limit)}.'
    if rule in ('pattern', 'format'):
        return f'must be {error.schema.get("description", limit)}'
    return f'{LIMITS.get(rule, rule)} {limit}.'


LIMITS = {
    'minimum': 'must be at least',
    'maximum': 'must be at most',
    'minLength': 'number of characters must be at least',
    'maxLength': 'number of characters must be at most',
    'minItems': 'number of items must be at least',
    'maxItems': 'number of items must be at most',
    'maxProperties': 'number of entries must be at most',
    'minProperties': 'number of entries must be at least',
    'uniqueItems': 'must hold no item twice: ',
}


def _check_response(schema, body):
    mode = services.current().conf.api.response_validation
    if mode == 'ignore':
        return
    plain = json.loads(flask.json.dumps(body))
    error = next(Validator(schema).iter_errors(plain), None)
    if error is None:
        return
    path = '.'.join(str(part) for part in error.absolute_path)
    if mode == 'error':
        raise RuntimeError(f'{path}: {sentence(error)}')
    LOG.warning('A response breaks its schema: %s: %s', path, sentence(error))
