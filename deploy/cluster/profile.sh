# /etc/profile.d/meyasubako-cluster.sh on each database machine: for root's `patronictl` and `etcdctl`.
export PATRONICTL_CONFIG_FILE=/etc/meyasubako-cluster/patroni.yml
export ETCDCTL_API=3
export ETCDCTL_ENDPOINTS=https://192.0.2.11:2379,https://192.0.2.12:2379,https://192.0.2.13:2379
export ETCDCTL_CACERT=/etc/meyasubako-cluster/ca.pem
export ETCDCTL_CERT=/etc/meyasubako-cluster/etcd.pem
export ETCDCTL_KEY=/etc/meyasubako-cluster/etcd.key
