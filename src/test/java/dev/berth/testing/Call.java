package dev.berth.testing;

/** A call the engine made, and what it was answered. */
public record Call(String method, Reply request, Reply reply) {
  public String name() {
    return request.json().path("Name").asText("");
  }

  public String id() {
    return request.json().path("ID").asText("");
  }
}
