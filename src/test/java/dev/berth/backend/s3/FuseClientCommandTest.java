package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.host.DaemonCommand;
import dev.berth.testing.Rule;
import dev.berth.volume.ByteSize;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each client is called with, to the letter. */
@Rule(15)
class FuseClientCommandTest {
  private static final Path DIRECTORY = Path.of("/b/s3/0123456789abcdef");
  private static final Path LOG = DIRECTORY.resolve("client.log");
  private static final ClientKeys ENDPOINT =
      new ClientKeys.Endpoint(URI.create("http://127.0.0.1:9/p"), "SECRETTOKEN");
  private static final ClientKeys STATIC =
      new ClientKeys.Fixed("AKIA1", "SECRETKEY", Optional.empty());
  private static final ClientKeys TEMPORARY =
      new ClientKeys.Fixed("ASIA1", "SECRETKEY", Optional.of("SECRETTOKEN"));

  private static MountPlan plan(ClientKeys keys, String... given) {
    return plan(new ClientVersion(1, 90), keys, given);
  }

  private static MountPlan plan(ClientVersion version, ClientKeys keys, String... given) {
    Map<String, String> options = new HashMap<>();
    for (String option : given) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    VolumeOptions parsed = new OptionSchema(S3Options.ALL).parse(options);
    return in(DIRECTORY, parsed, keys, version);
  }

  private static MountPlan in(
      Path directory, VolumeOptions parsed, ClientKeys keys, ClientVersion version) {
    return new MountPlan(
        parsed,
        S3Target.of(new VolumeName("photos"), parsed, Optional.empty()),
        directory.resolve("mount.1"),
        "berth-5156c0ffee.1",
        directory,
        keys,
        ByteSize.ofGiB(2),
        version);
  }

  private static DaemonCommand command(FuseClient client, MountPlan plan) {
    DaemonCommand command = client.command(plan, LOG);
    assertThat(command.toString()).doesNotContain("SECRET");
    assertThat(plan.keys().toString()).doesNotContain("SECRET");
    return command;
  }

  /** In s3fs's list of options a comma ends one; elsewhere it is a character like any other. */
  @Test
  void aRootWithAComma() {
    MountPlan plan = plan(STATIC, "bucket=bucket-a", "prefix=p");
    MountPlan there = in(Path.of("/b,c\\d/x"), plan.options(), STATIC, plan.version());
    assertThat(command(new S3fsClient(), there).toString())
        .contains(
            "/b,c\\d/x/mount.1 ",
            ",tmpdir=/b\\,c\\\\d/x/cache/tmp,",
            ",passwd_file=/b\\,c\\\\d/x/secret/passwd-s3fs,");
  }

  @Test
  void s3fsOnAws() {
    MountPlan plan = plan(STATIC, "bucket=bucket-a", "prefix=p/q", "region=eu-west-1");
    S3fsClient client = new S3fsClient();
    assertThat(command(client, plan))
        .hasToString(
            "s3fs bucket-a:/p/q /b/s3/0123456789abcdef/mount.1 -f -o url=https://s3.eu-west-1.amazonaws.com,"
                + "endpoint=eu-west-1,fsname=berth-5156c0ffee.1,subtype=s3fs,sigv4,allow_other,dbglevel=err,connect_timeout=10,readwrite_timeout=60,"
                + "stat_cache_expire=60,tmpdir=/b/s3/0123456789abcdef/cache/tmp,ensure_diskfree=32,"
                + "passwd_file=/b/s3/0123456789abcdef/secret/passwd-s3fs,mp_umask=0022");
    assertThat(client.secretFiles(plan).values()).containsExactly("AKIA1:SECRETKEY\n");
    assertThat(command(client, plan).environment()).doesNotContainKey("AWS_ACCESS_KEY_ID");
  }

  /** Since 1.92 it wants an object for the prefix, or this option, which older ones refuse. */
  @ParameterizedTest
  @CsvSource({"90, false", "91, false", "92, true", "93, true", "97, true"})
  void s3fsIsCalledByItsVersion(int minor, boolean told) {
    MountPlan plan = plan(new ClientVersion(1, minor), STATIC, "bucket=bucket-a", "prefix=p");
    assertThat(command(new S3fsClient(), plan).toString().contains(",compat_dir,")).isEqualTo(told);
  }

  /** No certificate is for {@code a.b.s3.amazonaws.com}. */
  @ParameterizedTest
  @CsvSource({
    "a.b, https://h:9000, true",
    "a.b, http://h:9000, false",
    "a-b, https://h:9000, false",
    "a.b, , true",
    "a-b, , false"
  })
  void s3fsAsksForBucketsWithDotsByPathWhereThereIsTls(
      String bucket, @Nullable String endpoint, boolean byPath) {
    List<String> options = new ArrayList<>(List.of("bucket=" + bucket, "pathStyle=false"));
    if (endpoint != null) {
      options.add("endpoint=" + endpoint);
    }
    String command =
        command(new S3fsClient(), plan(STATIC, options.toArray(String[]::new))).toString();
    assertThat(command.contains(",use_path_request_style,")).isEqualTo(byPath);
  }

  @Test
  void s3fsElsewhereWithEverything() {
    MountPlan plan =
        plan(
            TEMPORARY,
            "bucket=bucket-a",
            "endpoint=http://h:9000",
            "pathStyle=true",
            "readOnly=true",
            "uid=1000",
            "gid=50",
            "mode=0750",
            "storageClass=STANDARD_IA",
            "sse=aws:kms",
            "kmsKeyId=k");
    S3fsClient client = new S3fsClient();
    assertThat(command(client, plan))
        .hasToString(
            "s3fs bucket-a /b/s3/0123456789abcdef/mount.1 -f -o url=http://h:9000,"
                + "endpoint=us-east-1,fsname=berth-5156c0ffee.1,subtype=s3fs,sigv4,allow_other,dbglevel=err,connect_timeout=10,readwrite_timeout=60,"
                + "stat_cache_expire=60,tmpdir=/b/s3/0123456789abcdef/cache/tmp,ensure_diskfree=32,"
                + "use_path_request_style,ro,uid=1000,gid=50,mp_umask=0027,umask=0027,"
                + "storage_class=standard_ia,use_sse=kmsid:k");
    assertThat(client.secretFiles(plan)).isEmpty();
    assertThat(command(client, plan).environment())
        .containsEntry("AWS_ACCESS_KEY_ID", "ASIA1")
        .containsEntry("AWS_SESSION_TOKEN", "SECRETTOKEN");
  }

  @Test
  void rclone() {
    MountPlan plan =
        plan(
            ENDPOINT,
            "bucket=bucket-a",
            "prefix=p",
            "endpoint=http://h:9000",
            "pathStyle=true",
            "readOnly=true",
            "uid=1000",
            "mode=0770",
            "cacheSize=64MiB",
            "storageClass=STANDARD_IA");
    DaemonCommand command = command(new RcloneClient(), plan);
    assertThat(command)
        .hasToString(
            "rclone mount s:bucket-a/p/ /b/s3/0123456789abcdef/mount.1 --allow-other"
                + " --devname berth-5156c0ffee.1 --default-permissions"
                + " --uid 1000 --gid 0 --umask 000 --dir-perms 0770 --file-perms 0660 --vfs-cache-mode writes --vfs-write-back 1s"
                + " --vfs-cache-max-size 67108864b --vfs-cache-poll-interval 1s --cache-dir /b/s3/0123456789abcdef/cache --dir-cache-time 1m"
                + " --log-level ERROR --read-only");
    assertThat(command.environment())
        .containsEntry("RCLONE_CONFIG", "/dev/null")
        .containsEntry("RCLONE_CONFIG_S_TYPE", "s3")
        .containsEntry("RCLONE_CONFIG_S_PROVIDER", "Other")
        .containsEntry("RCLONE_CONFIG_S_ENV_AUTH", "true")
        .containsEntry("RCLONE_CONFIG_S_ENDPOINT", "http://h:9000")
        .containsEntry("RCLONE_CONFIG_S_FORCE_PATH_STYLE", "true")
        .containsEntry("RCLONE_CONFIG_S_NO_CHECK_BUCKET", "true")
        .containsEntry("RCLONE_CONFIG_S_STORAGE_CLASS", "STANDARD_IA")
        .containsEntry("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/p")
        .containsEntry("AWS_CONTAINER_AUTHORIZATION_TOKEN", "SECRETTOKEN")
        .containsEntry("AWS_SHARED_CREDENTIALS_FILE", DIRECTORY + "/no-aws-files")
        .containsEntry("AWS_CONFIG_FILE", DIRECTORY + "/no-aws-files")
        .doesNotContainKey("AWS_ACCESS_KEY_ID");
  }

  @Test
  void mountS3OnAws() {
    DaemonCommand command =
        command(
            new MountS3Client(),
            plan(ENDPOINT, "bucket=bucket-a", "prefix=p", "region=eu-west-1", "uid=0"));
    assertThat(command)
        .hasToString(
            "mount-s3 bucket-a /b/s3/0123456789abcdef/mount.1 --foreground --prefix p/ --region eu-west-1 --allow-other"
                + " --dir-mode 0755 --file-mode 0644 --allow-delete --allow-overwrite --memory-target 1024");
    assertThat(command.environment())
        .containsEntry("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/p")
        .containsEntry("AWS_MAX_ATTEMPTS", "5");
  }

  @Test
  void mountS3ElsewhereWithEverything() {
    assertThat(
            command(
                new MountS3Client(),
                plan(
                    ENDPOINT,
                    "bucket=bucket-a",
                    "endpoint=http://h:9000",
                    "pathStyle=true",
                    "uid=1000",
                    "gid=50",
                    "mode=0750",
                    "cacheSize=64MiB",
                    "allowDelete=false",
                    "storageClass=ONEZONE_IA",
                    "sse=aws:kms:dsse",
                    "kmsKeyId=arn:aws:kms:k")))
        .hasToString(
            "mount-s3 bucket-a /b/s3/0123456789abcdef/mount.1 --foreground --region us-east-1 --endpoint-url http://h:9000"
                + " --upload-checksums crc64nvme --force-path-style --allow-other --uid 1000 --gid 50 --dir-mode 0750"
                + " --file-mode 0640 --allow-overwrite --storage-class ONEZONE_IA --sse aws:kms:dsse"
                + " --sse-kms-key-id arn:aws:kms:k --memory-target 1024 --cache /b/s3/0123456789abcdef/cache"
                + " --max-cache-size 64");
    assertThat(
            command(
                new MountS3Client(),
                plan(ENDPOINT, "bucket=bucket-a", "readOnly=true", "allowDelete=true")))
        .hasToString(
            "mount-s3 bucket-a /b/s3/0123456789abcdef/mount.1 --foreground --region us-east-1 --allow-other"
                + " --dir-mode 0755 --file-mode 0644 --read-only --memory-target 1024");
  }
}
