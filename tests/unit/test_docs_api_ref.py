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
"""The API reference tells of the routes and schemas that there are.

A body is told as a flat list: the member at its top, then the members of
that by their names alone, and what is deeper with dots: ``error.code``.
"""

import dataclasses
import json
import pathlib
import re

import jsonschema
import testtools
import yaml
from oslo_config import cfg

from migrate_service import conf as migrate_conf
from migrate_service.api import app
from migrate_service.api import openapi

SOURCE = pathlib.Path(__file__).resolve().parents[2] / 'api-ref/source'
METHOD = re.compile(
    r'^\.\. rest_method:: (?P<method>\S+) (?P<path>\S+)$', re.M
)
SECTION = re.compile(r'^(Response codes|Request|Response)\n-+\n', re.M)
PARAMETER = re.compile(r'^   - (\S+): (\S+)$', re.M)
CODE = re.compile(r'^   - (\d{3})$', re.M)
SAMPLE = re.compile(r'^\.\. literalinclude:: samples/(\S+)$', re.M)
JSON = 'application/json'


@dataclasses.dataclass
class Told:
    """A method as the reference tells it."""

    codes: list[str]
    parameters: dict[str, list[tuple[str, str]]]
    samples: dict[str, str | None]


def told():
    """Return ``{(method, path): Told}`` of all pages."""
    methods = {}
    for page in sorted(SOURCE.glob('*.inc')):
        parts = METHOD.split(page.read_text())[1:]
        for method, path, text in zip(*[iter(parts)] * 3, strict=True):
            methods[method, path] = _told(text)
    return methods


def _told(text):
    pieces = SECTION.split(text)[1:]
    sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
    parts = {name: sections.get(name, '') for name in ('Request', 'Response')}
    return Told(
        codes=CODE.findall(sections['Response codes']),
        parameters={n: PARAMETER.findall(t) for n, t in parts.items()},
        samples={
            n: (SAMPLE.findall(t) or [None])[0] for n, t in parts.items()
        },
    )


def operations():
    """Return ``{(method, path): operation}`` of the OpenAPI document."""
    conf = cfg.ConfigOpts()
    migrate_conf.register_opts(conf)
    conf([], project=migrate_conf.PROJECT, default_config_files=[])
    document = openapi.document(app.flask_app(conf))
    return {
        (method.upper(), path): operation
        for path, methods in document['paths'].items()
        for method, operation in methods.items()
    }


def members(schema):
    """Yield name and whether it is required of each member of a body."""
    for name, inner in schema.get('properties', {}).items():
        yield name, name in schema['required']
        yield from _deeper(inner, name, '')


def _deeper(schema, name, prefix):
    schema = schema.get('items', schema)
    if name.endswith('links'):
        return
    for inner, value in schema.get('properties', {}).items():
        yield f'{prefix}{inner}', inner in schema['required']
        yield from _deeper(value, inner, f'{prefix}{inner}.')


class TestApiReference(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.told = told()
        self.operations = operations()
        text = (SOURCE / 'parameters.yaml').read_text()
        self.parameters = yaml.safe_load(text)

    def body(self, name, operation):
        """Return the schema of the request or the response, or ``{}``."""
        if name == 'Request':
            holder = operation.get('requestBody', {})
        else:
            holder = next(iter(operation['responses'].values()))
        return holder.get('content', {}).get(JSON, {}).get('schema', {})

    def test_every_route_is_told_and_no_other(self):
        self.assertEqual(sorted(self.operations), sorted(self.told))

    def test_requests_are_told_as_they_are(self):
        for route, operation in self.operations.items():
            expected = {
                (entry['name'], entry['in'], entry['required'])
                for entry in operation['parameters']
            } | {
                (name, 'body', required)
                for name, required in members(self.body('Request', operation))
            }
            found = {
                (name, of['in'], of['required'])
                for name, key in self.told[route].parameters['Request']
                for of in [self.parameters[key]]
            }
            self.assertEqual(expected, found, route)

    def test_responses_are_told_as_they_are(self):
        for route, operation in self.operations.items():
            schema = self.body('Response', operation)
            self.assertEqual(
                [name for name, _required in members(schema)],
                [n for n, _key in self.told[route].parameters['Response']],
                route,
            )
            good = next(iter(operation['responses']))
            self.assertEqual(good, self.told[route].codes[0], route)

    def test_samples_are_valid(self):
        for route, operation in self.operations.items():
            for name in ('Request', 'Response'):
                sample = self.told[route].samples[name]
                schema = self.body(name, operation)
                if sample and schema:
                    body = json.loads(
                        (SOURCE / 'samples' / sample).read_text()
                    )
                    jsonschema.validate(body, schema)
                self.assertEqual(
                    bool(schema.get('properties')), bool(sample), route
                )

    def test_the_sample_of_an_error_is_valid(self):
        body = json.loads((SOURCE / 'samples/error.json').read_text())
        jsonschema.validate(body, openapi.error_body)

    def test_nothing_is_left_over(self):
        used = {
            key
            for one in self.told.values()
            for entries in one.parameters.values()
            for _name, key in entries
        }
        self.assertEqual(set(self.parameters), used)
        samples = {path.name for path in (SOURCE / 'samples').iterdir()}
        self.assertEqual(
            samples - {'error.json'},
            {s for one in self.told.values() for s in one.samples.values()}
            - {None},
        )
