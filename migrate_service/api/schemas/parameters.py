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

"""Schemas that several resources are made of."""

DRAFT = {
    'type': 'object',
    'additionalProperties': False,
}

name = {'type': 'string', 'minLength': 1, 'maxLength': 255}
text = {'type': ['string', 'null'], 'maxLength': 255}
uuid = {'type': 'string', 'format': 'uuid', 'description': 'a UUID.'}
uuid_or_null = uuid | {'type': ['string', 'null']}
boolean = {'type': 'boolean'}
string = {'type': 'string'}
string_or_null = {'type': ['string', 'null']}
number_or_null = {'type': ['number', 'null']}
count = {'type': 'integer', 'minimum': 0}
time = {'type': 'string', 'format': 'date-time'}
time_or_null = {'type': ['string', 'null'], 'format': 'date-time'}
free = {'type': 'object'}

error = {
    'type': ['object', 'null'],
    'properties': {
        'code': string,
        'message': string,
        'remedy': string_or_null,
    },
    'required': ['code', 'message', 'remedy'],
}
links = {
    'type': 'array',
    'items': {
        'type': 'object',
        'properties': {'rel': string, 'href': string},
        'required': ['rel', 'href'],
        'additionalProperties': False,
    },
}


def obj(properties, required=None, optional=(), **more):
    """Return the schema of an object that holds nothing else.

    :param required: names; all of them unless it says otherwise.
    :param optional: names that are left out of all.
    """
    names = list(properties) if required is None else list(required)
    names = [name for name in names if name not in optional]
    return DRAFT | {'properties': properties, 'required': names} | more


def query(sort_keys, **filters):
    """Return the schema of the query of a list with paging."""
    return obj(
        {
            'limit': {'type': 'integer', 'minimum': 1},
            'marker': name,
            'sort_key': {'type': 'string', 'enum': list(sort_keys)},
            'sort_dir': {'type': 'string', 'enum': ['asc', 'desc']},
        }
        | filters,
        required=(),
    )


def page(plural, item, **more):
    """Return the schema of the body of a list with paging."""
    return obj(
        {
            plural: {'type': 'array', 'items': item},
            f'{plural}_links': links,
        }
        | more,
        required=(plural, *more),
    )


nothing = obj({})
