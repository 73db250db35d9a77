package dev.berth.system;

/** A call the engine made, and what it was answered. */
record Call(String method, Reply request, Reply reply) {
  String name() {
    return request.json().path("Name").asText("");
  }

  String id() {
    return request.json().path("ID").asText("");
  }
}
