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


import gettext
import pathlib

from babel.messages import pofile
from django.urls import reverse

import migrate_dashboard
from tests.dashboard import base

LOCALE = pathlib.Path(migrate_dashboard.__file__).parent / 'locale'
LANGUAGES = ('de', 'fr')


def looked_up(compiled, one):
    """Return what a compiled catalogue says for an entry of a written one."""
    if isinstance(one.id, str):
        if one.context:
            return compiled.pgettext(one.context, one.id)
        return compiled.gettext(one.id)
    return tuple(compiled.ngettext(*one.id, number) for number in (1, 2))


class TestCatalogues(base.TestCase):
    def catalogue(self, language):
        folder = LOCALE / language / 'LC_MESSAGES'
        with (folder / 'django.po').open('rb') as file:
            return pofile.read_po(file, locale=language), folder

    def test_everything_is_translated(self):
        for language in LANGUAGES:
            catalogue, _folder = self.catalogue(language)
            with self.subTest(language=language):
                self.assertEqual([], list(catalogue.check()))
                self.assertEqual(
                    [], [one.id for one in catalogue if not one.string]
                )

    def test_what_is_compiled_is_what_is_written(self):
        for language in LANGUAGES:
            written, folder = self.catalogue(language)
            with (folder / 'django.mo').open('rb') as file:
                compiled = gettext.GNUTranslations(file)
            with self.subTest(language=language):
                self.assertEqual(
                    {one.id: one.string for one in written if one.id},
                    {
                        one.id: looked_up(compiled, one)
                        for one in written
                        if one.id
                    },
                )

    def test_pages_speak_the_language_of_the_user(self):
        self.serve_migration(base.warm_at('await_cutover'))
        url = reverse('horizon:migrate:migrations:index')
        for language, wanted in (
            ('de', 'Wartet auf Sie'),
            ('fr', 'Attendre la bascule'),
        ):
            response = self.client.get(url, HTTP_ACCEPT_LANGUAGE=language)
            with self.subTest(language=language):
                self.assertContains(response, wanted)
