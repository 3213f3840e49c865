import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.codelibs.opensearch.runner.OpenSearchRunner.Configs;
import org.opensearch.common.settings.Settings;

/**
 * One OpenSearch with all its modules: Engine FOLDER SETTINGS, each line of SETTINGS a setting of the node.
 *
 * The runner is made for clusters of nodes that find each other; what it sets for that is taken out again.
 */
public class Engine {
    private static final List<String> OF_A_CLUSTER =
            List.of("cluster.initial_cluster_manager_nodes", "discovery.seed_hosts");

    public static void main(String[] arguments) throws Exception {
        Properties wanted = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(arguments[1]))) {
            wanted.load(file);
        }
        OpenSearchRunner runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
        runner.onBuild((number, settings) -> configure(settings, wanted));
        Configs node = OpenSearchRunner.newConfigs().basePath(arguments[0])
                .clusterName("riftwatch-testbed").numOfNode(1);
        runner.build(node);
        Thread.currentThread().join();
    }

    private static void configure(Settings.Builder settings, Properties wanted) {
        OF_A_CLUSTER.forEach(settings::remove);
        for (String name : wanted.stringPropertyNames()) {
            settings.put(name, wanted.getProperty(name));
        }
    }

    private static void close(OpenSearchRunner runner) {
        try {
            runner.close();
        } catch (Exception error) {
            error.printStackTrace();
        }
    }
}
