import t from "tap";
import { allOf, compileFilter, parseFilter } from "../../src/filters/index.ts";
import type { RequestHead } from "../../src/http/index.ts";
import { head, wireHead } from "./head.ts";

const passes = (filter: string, request: RequestHead) => compileFilter(parseFilter(filter)).matches(request);

void t.test("a line pattern sees one blank after the colon, however the field was sent", (t) => {
  for (const line of ["X-Tenant: blue", "x-tenant:blue", "X-TENANT: \t blue \t"]) {
    t.ok(passes('header("^x-tenant: blue$")', wireHead([line])), line);
    t.ok(passes('header("tenant: b")', wireHead([line])), line);
  }
  t.ok(passes('header("^x-empty: $")', wireHead(["X-Empty:"])));
  t.ok(passes('header("^x-empty: $")', wireHead(["X-Empty: "])));
  t.notOk(passes('header("^x-tenant: blue$")', wireHead(["X-Tenant: blue, green", "Y-X-Tenant: blue"])));
  t.end();
});

void t.test("a pattern never sees two fields at once, nor the request line", (t) => {
  t.notOk(passes('header("a.*b")', wireHead(["a: 1", "b: 2"])));
  t.notOk(passes('header("(?s)1.*b")', wireHead(["a: 1", "b: 2"])));
  t.notOk(passes('header("GET")', wireHead(["a: 1"])));
  t.end();
});

void t.test("any of repeated values is enough, and each counts as a whole", (t) => {
  const repeated = head({
    fields: [
      ["X-A", "1"],
      ["x-b", "2"],
      ["x-a", "3"],
    ],
  });
  t.ok(passes("header(x-a) == 1", repeated));
  t.ok(passes("header(X-A) == 3", repeated));
  t.notOk(passes('header(x-a) == "1, 3"', repeated));
  t.ok(passes('header("^x-a: 3")', repeated));
  t.end();
});

void t.test("values are compared with their case unless told otherwise, names never", (t) => {
  const request = head({ fields: [["X-A", "Blue"]] });
  t.ok(passes("header(x-a) == Blue", request));
  t.notOk(passes("header(x-a) == blue", request));
  t.ok(passes("header(x-a) == blue i", request));
  t.notOk(passes("header(x-a) ^= bl", request));
  t.ok(passes("header(x-a) ^= bl i", request));
  t.ok(passes('header(x-a) =~ "^blue$"', request));
  t.notOk(passes('header(x-a) =~ "(?-i)^blue$"', request));
  t.end();
});

void t.test("present and absent look at the name only", (t) => {
  const request = head({ fields: [["X-A", ""]] });
  t.ok(passes("header(x-a)", request));
  t.notOk(passes("!header(x-a)", request));
  t.ok(passes("!header(x-b)", request));
  t.ok(passes('header(x-a) == ""', request));
  t.ok(passes("header(x-b) != 1", request), "what is absent is not equal to anything");
  t.end();
});

void t.test(
  "by default a literal is compared with the path alone, a pattern with and without the query",
  (t) => {
    const request = head({ target: "/Api/x?q=1?" });
    t.ok(passes('path == "/Api/x"', request));
    t.notOk(passes('path == "/Api/x?q=1?"', request));
    t.ok(passes('path(with query) == "/Api/x?q=1?"', request));
    t.ok(passes('path ^= "/Api"', request));
    t.ok(passes('path("^/api/x$")', request));
    t.ok(passes('path("q=1")', request));
    t.notOk(passes('path(without query) =~ "q=1"', request));
    t.notOk(passes('path(with query) =~ "x$"', request));
    t.notOk(passes('path("^q")', request));
    t.end();
  },
);

void t.test(
  "RFC 9112 §3.2: every form of a request-target has its path, a CONNECT to an authority has none",
  (t) => {
    t.ok(passes('path == "/a" && query(b) == 1', head({ target: "http://h:80/a?b=1" })));
    t.ok(passes('path == "/"', head({ target: "http://h" })));
    t.ok(passes('path == "/" && query(b)', head({ target: "http://h?b" })));
    t.ok(passes('path == "*"', head({ method: "OPTIONS", target: "*" })));
    t.notOk(passes('path =~ ""', head({ method: "CONNECT", target: "h:443" })));
    t.ok(
      passes('path == "/chat"', head({ method: "CONNECT", target: "/chat" })),
      "RFC 8441 §4: extended CONNECT",
    );
    t.end();
  },
);

void t.test("RFC 9110 §9.1: methods are compared with their case", (t) => {
  t.ok(passes("method in (GET, POST)", head({ method: "POST" })));
  t.notOk(passes("method == POST", head({ method: "post" })));
  t.ok(passes("method != GET", head({ method: "PURGE" })));
  t.end();
});

void t.test("a host is compared without case, port, user and final dot", (t) => {
  for (const authority of ["shop.example", "Shop.Example:8080", "shop.example.", "u:p@shop.example:80"]) {
    t.ok(passes("host == shop.example", head({ authority })), authority);
    t.ok(passes("host == *.example", head({ authority })), authority);
    t.ok(passes('host =~ "^shop\\.example$"', head({ authority })), authority);
  }
  t.notOk(
    passes("host == *.shop.example", head({ authority: "shop.example" })),
    "a star is at least one label",
  );
  t.notOk(passes("host == *.example", head({ authority: "notexample" })));
  t.ok(passes('host == "[::1]"', head({ authority: "[::1]:8080" })));
  t.notOk(passes("host == shop.example", head({ authority: "" })));
  t.end();
});

void t.test("a parameter is decoded once, with + as a blank", (t) => {
  const request = head({ target: "/?a=1&a=b+c&d%20e=%2541&f&=x&g=%C3%A9&h=%E9&i=%zz&j=k=l" });
  t.ok(passes("query(a) == 1", request));
  t.ok(passes('query(a) == "b c"', request), "any of a repeated one");
  t.ok(passes('query("d e") == "%41"', request), "once, not twice");
  t.ok(passes('query(f) == ""', request));
  t.ok(passes("query(g) == 'é' && query(h) == 'é'", request), "UTF-8, else Latin-1");
  t.ok(passes('query(i) == "%zz"', request));
  t.ok(passes('query(j) == "k=l"', request));
  t.ok(passes("!query(A) && !query(x)", request), "names have their case");
  t.notOk(passes("query(a)", head({ target: "/a=1" })));
  t.end();
});

void t.test("a head of a megabyte is decided like a small one", (t) => {
  const request = head({
    fields: [
      ["x-big", "a".repeat(1_000_000)],
      ["x-a", "1"],
    ],
  });
  t.ok(passes("header(x-a) == 1", request));
  t.notOk(passes('header("(a+)+b")', request));
  t.ok(passes('header(x-big) =~ "a{900}$"', request));
  t.end();
});

void t.test("allOf passes what every filter passes; of none, everything", (t) => {
  const [one, other] = [parseFilter("header(a)"), parseFilter("header(b) && header(c)")];
  t.strictSame(allOf([]), { all: [] });
  t.strictSame(allOf([one]), one);
  t.strictSame(allOf([one, other]), parseFilter("header(a) && header(b) && header(c)"));
  t.end();
});
