package dev.berth.crash;

import static dev.berth.lifecycle.LifecycleStep.MOUNT_CONFIRMED;

import dev.berth.backend.s3.S3Step;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** The operations on volumes in S3, in every form in which they take steps of their own. */
final class S3Scenarios {
  private static final String[] S3FS = {"backend=s3", "client=s3fs"};
  private static final String[] RCLONE = {"backend=s3", "client=rclone"};

  private S3Scenarios() {}

  /** {@code readOnly} is an endpoint that lets nobody write. */
  static List<Scenario> all(URI readOnly) {
    return List.of(
        new Scenario("s3 create with a bucket")
            .operation(volume -> volume.create(bucket(volume)))
            .leaves(Subject::isThere),
        new Scenario("s3 create that fails")
            .operation(volume -> volume.create(bucket(volume, "endpoint=" + readOnly)))
            .leaves(Subject::isGone),
        mount("s3 mount").prepared(volume -> volume.create(S3FS)).sparingChildren(),
        mount("s3 mount, client killed too").prepared(volume -> volume.create(S3FS)),
        mount("s3 mount with rclone").prepared(volume -> volume.create(RCLONE)).sparingChildren(),
        new Scenario("s3 client that died")
            .prepared(volume -> volume.createInUse(S3FS))
            .operation(Subject::killClient)
            .lastsUntil(S3Step.STAGING_UNMOUNTED)
            .sparingChildren(),
        new Scenario("s3 volumes in use")
            .prepared(volume -> volume.createInUse(S3FS))
            .sparingChildren(),
        new Scenario("s3 volumes in use, client killed too")
            .prepared(volume -> volume.createInUse(S3FS)),
        unmount("s3 unmount").prepared(volume -> volume.createInUse(S3FS)).sparingChildren(),
        unmount("s3 unmount with rclone")
            .prepared(volume -> volume.createInUse(RCLONE))
            .sparingChildren(),
        new Scenario("s3 remove")
            .prepared(
                volume -> volume.createWithData("backend=s3", "client=s3fs", "onRemove=delete"))
            .operation(Subject::remove)
            .leaves(Subject::isGone));
  }

  private static String[] bucket(Subject volume, String... more) {
    return Stream.of(new String[] {"bucket=" + volume.name(), "createBucket=true"}, S3FS, more)
        .flatMap(Stream::of)
        .toArray(String[]::new);
  }

  private static Scenario mount(String name) {
    return new Scenario(name)
        .operation(volume -> volume.mount("x"))
        .leaves(
            volume -> {
              if (volume.cameTo(MOUNT_CONFIRMED)) {
                volume.isHeldFor("x");
              }
            });
  }

  private static Scenario unmount(String name) {
    return new Scenario(name).operation(volume -> volume.unmount("x")).leaves(Subject::isFree);
  }
}
