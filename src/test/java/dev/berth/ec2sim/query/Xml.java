package dev.berth.ec2sim.query;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The elements of an answer, written in order. */
public final class Xml {
  private static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final StringBuilder text = new StringBuilder();

  public Xml element(String name, Object value) {
    String written = value instanceof Instant time ? TIME.format(time) : value.toString();
    text.append('<').append(name).append('>').append(escape(written));
    text.append("</").append(name).append('>');
    return this;
  }

  /** Nothing if there is no value. */
  public Xml element(String name, Optional<?> value) {
    value.ifPresent(present -> element(name, (Object) present));
    return this;
  }

  public Xml group(String name, Consumer<Xml> content) {
    text.append('<').append(name).append('>');
    content.accept(this);
    text.append("</").append(name).append('>');
    return this;
  }

  /** A set, one element each. */
  public <T> Xml set(String name, Collection<T> items, BiConsumer<Xml, T> content) {
    return group(
        name,
        xml -> items.forEach(item -> xml.group("item", inner -> content.accept(inner, item))));
  }

  public Xml tags(Map<String, String> tags) {
    return set(
        "tagSet",
        tags.entrySet(),
        (xml, tag) -> xml.element("key", tag.getKey()).element("value", tag.getValue()));
  }

  /** Puts these elements into another one. */
  public void into(Xml outer) {
    outer.text.append(text);
  }

  /** The whole answer to {@code action}. */
  public String document(String action, String requestId) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%1$sResponse xmlns=\"%2$s\"><requestId>%3$s</requestId>%4$s</%1$sResponse>"
        .formatted(action, NAMESPACE, requestId, text);
  }

  static String escape(String value) {
    return value
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
