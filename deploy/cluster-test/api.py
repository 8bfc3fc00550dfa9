"""The Kubernetes API, as little of it as the test needs."""

import json
import ssl
import urllib.error
import urllib.request


class Refused(Exception):
    """The server's answer when it is none of 2xx."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:500]}")
        self.status = status


class Api:
    """One server, asked as an administrator."""

    def __init__(self, address, token, authority):
        self.address = address
        self.token = token
        self.context = ssl.create_default_context(cafile=authority)

    def ask(self, method, path, body=None, media_type="application/json"):
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": media_type, "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")) from None

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body):
        return self.ask("POST", path, body)

    def patch(self, path, body):
        return self.ask("PATCH", path, body, "application/strategic-merge-patch+json")

    def delete(self, path, body=None):
        return self.ask("DELETE", path, body)
