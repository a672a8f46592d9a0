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

"""What holds for every request: versions, errors, bodies, pages."""

import json

import jsonschema

from migrate_service.api import openapi
from migrate_service.db.api import sources as sources_db
from tests.functional.api import base

SOURCES = '/v1/sources'
JSON = 'application/json'


class TestHttp(base.TestCase):
    def test_versions_are_found_without_a_token(self):
        for path in ('/', '/v1', '/v1/', '/v1/openapi.json'):
            response = self.api.client.get(path)
            self.assertEqual(200, response.status_code, path)

    def test_links_lead_to_the_public_url(self):
        self.config.set('public_url', 'https://api.test/migrate/', 'api')
        version = self.api.client.get('/').json['versions'][0]
        self.assertEqual(
            'https://api.test/migrate/v1/', version['links'][0]['href']
        )

    def test_unknown_paths_and_methods(self):
        response = self.api.request('GET', '/v1/nothing')
        self.assert_error(response, 404, 'migration.not_found')
        response = self.api.request('PUT', SOURCES)
        self.assert_error(response, 405, 'migration.method_not_allowed')
        self.assertIn('POST', response.headers['Allow'])
        response = self.api.request('GET', f'{SOURCES}/a%00b')
        self.assert_error(response, 404, 'migration.not_found')

    def test_bodies_that_are_not_json(self):
        for data in (b'{"source": ', b'\xff', b'{"a": NaN}', b'[' * 60000):
            response = self.api.request(
                'POST', SOURCES, data=data, content_type=JSON
            )
            self.assert_error(response, 400, 'migration.bad_request')

    def test_a_missing_body_and_a_wrong_type(self):
        response = self.api.request('POST', SOURCES, content_type=JSON)
        self.assert_error(response, 400, 'migration.bad_request', 'no body')
        response = self.api.request('POST', SOURCES, data='name=x')
        self.assert_error(response, 415, 'migration.unsupported_media_type')

    def test_a_body_that_is_too_large(self):
        self.config.set('max_request_body_size', 2048, 'api')
        api = self.useFixture(base.Api(self.config))
        body = {'source': base.SOURCE | {'description': 'x' * 4096}}
        response = api.request('POST', SOURCES, json=body)
        self.assert_error(response, 413, 'migration.request_too_large', '2048')

    def test_characters_that_no_database_holds(self):
        for name in ('"a\\u0000b"', '"\\ud800"'):
            body = json.dumps({'source': base.SOURCE | {'name': 'NAME'}})
            response = self.api.request(
                'POST',
                SOURCES,
                data=body.replace('"NAME"', name),
                content_type=JSON,
            )
            self.assert_error(response, 400, 'migration.bad_request', 'NUL')

    def test_microversions(self):
        for wanted, status in (
            ('migration 1.0', 200),
            ('migration latest', 200),
            ('compute 2.90', 200),
            ('migration 1.1', 406),
            ('migration 0.9', 406),
            ('migration one', 400),
        ):
            headers = {'OpenStack-API-Version': wanted}
            response = self.api.request('GET', SOURCES, headers=headers)
            self.assertEqual(status, response.status_code, wanted)
            self.assertEqual(
                'migration 1.0', response.headers['OpenStack-API-Version']
            )
            self.assertIn('OpenStack-API-Version', response.headers['Vary'])

    def test_queries_are_checked(self):
        for query, text in (
            ('limit=0', 'limit: must be at least 1'),
            ('limit=x', 'limit: must be of type integer'),
            ('sort_key=secret', 'sort_key: must be one of'),
            ('secret=x', 'secret is not known here'),
            ('name=a&name=b', 'name: given twice'),
            ('all_projects=perhaps', 'all_projects: must be of type'),
            ('marker=unknown', 'marker: the list has no item unknown'),
        ):
            response = self.api.request('GET', f'{SOURCES}?{query}')
            self.assert_error(response, 400, 'migration.bad_request', text)

    def test_pages_lead_to_the_next_one(self):
        self.config.set('max_limit', 2, 'api')
        for name in 'cab':
            self.api.create_source(name=name)
        url, names = f'{SOURCES}?sort_key=name&limit=9', []
        while url:
            body = self.api.request('GET', url).json
            names += [source['name'] for source in body['sources']]
            links = body.get('sources_links')
            url = links and links[0]['href']
        self.assertEqual(['a', 'b', 'c'], names)

    def test_a_marker_of_another_project_is_unknown(self):
        id = self.api.create_source()
        response = self.api.request(
            'GET', f'{SOURCES}?marker={id}', project='project-b'
        )
        self.assert_error(response, 400, 'migration.bad_request', 'marker')

    def test_a_defect_says_no_more_than_the_request_id(self):
        def broken(*args):
            raise RuntimeError('the password is geheim')

        self.patch(sources_db, 'page', broken)
        response = self.api.request('GET', SOURCES)
        self.assert_error(response, 500, 'migration.internal_error')
        self.assertNotIn('geheim', response.text)

    def test_health(self):
        response = self.api.client.get('/healthcheck')
        self.assertEqual(200, response.status_code)

    def test_the_openapi_document_holds_valid_schemas(self):
        document = self.api.client.get('/v1/openapi.json').json
        self.assertEqual('3.1.0', document['openapi'])
        operations = [
            operation
            for path in document['paths'].values()
            for operation in path.values()
        ]
        for operation in operations:
            for parameter in operation['parameters']:
                self.check(parameter['schema'])
            for response in operation['responses'].values():
                self.check_content(response)
            self.check_content(operation.get('requestBody', {}))
        names = [operation['operationId'] for operation in operations]
        self.assertEqual(len(set(names)), len(names))
        self.check(openapi.error_body)

    def check_content(self, part):
        for content in part.get('content', {}).values():
            self.check(content['schema'])

    def check(self, schema):
        jsonschema.Draft202012Validator.check_schema(schema)
