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

"""The API as an OpenAPI 3.1 document, read off its routes and schemas."""

import functools
import re

from migrate_service.api import microversion
from migrate_service.api.schemas import concerns
from migrate_service.api.schemas import parameters

_ARGUMENT = re.compile(r'<(?:\w+:)?(\w+)>')

error_body = parameters.obj(
    {
        'message': parameters.string,
        'errors': {
            'type': 'array',
            'items': parameters.obj(
                {
                    'request_id': parameters.string_or_null,
                    'code': parameters.string,
                    'status': {'type': 'integer'},
                    'title': parameters.string,
                    'detail': parameters.string,
                    'remedy': parameters.string,
                    'links': parameters.links,
                    'concerns': concerns.concerns,
                },
                optional=('concerns',),
            ),
        },
    }
)


@functools.lru_cache(maxsize=4)
def document(app):
    """Return the document of a Flask application, a dict."""
    paths: dict[str, dict] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        controller = app.view_functions[rule.endpoint]
        path = paths.setdefault(_ARGUMENT.sub(r'{\1}', rule.rule), {})
        for method in sorted(rule.methods - {'HEAD', 'OPTIONS'}):
            path[method.lower()] = _operation(rule, controller)
    return {
        'openapi': '3.1.0',
        'info': {
            'title': 'Migration API',
            'version': microversion.text(microversion.MAXIMUM),
            'license': {'name': 'Apache-2.0', 'identifier': 'Apache-2.0'},
        },
        'paths': paths,
        'components': {
            'schemas': {'Error': error_body},
            'securitySchemes': {
                'token': {
                    'type': 'apiKey',
                    'in': 'header',
                    'name': 'X-Auth-Token',
                }
            },
        },
        'security': [{'token': []}],
    }


def _operation(rule, controller):
    schemas = controller.schemas
    operation = {
        'operationId': rule.endpoint,
        'summary': controller.__doc__.splitlines()[0].rstrip('.'),
        'tags': [rule.endpoint.split('.')[0]],
        'parameters': [
            _parameter(name, 'path', parameters.string)
            for name in _ARGUMENT.findall(rule.rule)
        ],
        'responses': {
            str(schemas['response_status']): _response(schemas),
            'default': {
                'description': 'What went wrong, and what to do next.',
                'content': _json({'$ref': '#/components/schemas/Error'}),
            },
        },
    }
    query = schemas.get('request_query', {}).get('properties', {})
    operation['parameters'] += [
        _parameter(name, 'query', schema) for name, schema in query.items()
    ]
    if 'request_body' in schemas:
        operation['requestBody'] = {
            'required': True,
            'content': _json(schemas['request_body']),
        }
    return operation


def _parameter(name, place, schema):
    return {
        'name': name,
        'in': place,
        'required': place == 'path',
        'schema': schema,
    }


def _response(schemas):
    body = schemas['response_body']
    if body is None:
        return {'description': 'Done.'}
    return {'description': 'The answer.', 'content': _json(body)}


def _json(schema):
    return {'application/json': {'schema': schema}}
